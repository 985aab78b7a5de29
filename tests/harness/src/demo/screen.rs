//! The demo's output: headings, sentences, commands and their output. Colours only on a terminal that supports them.

use std::{
    cell::Cell,
    io::{self, IsTerminal, Write},
};

/// Line width of sentences; output of commands is never wrapped.
const WIDTH: usize = 100;

#[derive(Debug)]
pub struct Screen {
    colours: bool,
    interactive: bool,
    /// Whether the last output was a command's: a blank line follows it.
    after_output: Cell<bool>,
}

/// Styles by their codes (ECMA-48, SGR): bold, cyan, green, red, faint.
const HEADING: &str = "1";
const COMMAND: &str = "36";
const GOOD: &str = "32";
const BAD: &str = "31";
const DIM: &str = "2";

impl Screen {
    /// Detects the kind of stdin and stdout, `NO_COLOR` (no-color.org) and `TERM`.
    pub fn of_this_process() -> Self {
        let terminal = io::stdout().is_terminal();
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self {
            colours: terminal && !unwanted,
            interactive: terminal && io::stdin().is_terminal(),
            after_output: Cell::new(false),
        }
    }

    /// Whether a person can press Enter.
    pub fn is_interactive(&self) -> bool {
        self.interactive
    }

    /// Heading of a step.
    pub fn heading(&self, text: &str) -> io::Result<()> {
        self.line("")?;
        self.line(&self.styled(HEADING, text))?;
        self.line(&self.styled(HEADING, &"─".repeat(text.chars().count())))
    }

    /// Sentences for a newcomer.
    pub fn say(&self, text: &str) -> io::Result<()> {
        wrap(text, WIDTH).iter().try_for_each(|line| self.line(line))
    }

    /// A command as a user types it, possibly in several lines.
    pub fn command(&self, text: &str) -> io::Result<()> {
        self.line("")?;
        for (number, line) in text.lines().enumerate() {
            let prompt = if number == 0 { "  $ " } else { "    " };
            self.line(&format!("{}{}", self.styled(DIM, prompt), self.styled(COMMAND, line)))?;
        }
        Ok(())
    }

    /// Output of a command.
    pub fn output(&self, text: &str) -> io::Result<()> {
        text.trim_end().lines().try_for_each(|line| self.line(format!("  {line}").trim_end()))?;
        self.after_output.set(true);
        Ok(())
    }

    /// An observed result.
    pub fn seen(&self, text: &str) -> io::Result<()> {
        if self.after_output.get() {
            self.line("")?;
        }
        self.line(&self.styled(GOOD, &format!("✔ {text}")))
    }

    /// Progress during a wait.
    pub fn progress(&self, text: &str) -> io::Result<()> {
        self.line(&self.styled(DIM, text))
    }

    /// An error.
    pub fn failed(&self, text: &str) -> io::Result<()> {
        self.line(&self.styled(BAD, "✘ The demo failed"))?;
        self.line(text)
    }

    /// A question without a line break at its end.
    pub fn prompt(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        write!(out, "\n{}", self.styled(DIM, text))?;
        out.flush()
    }

    fn line(&self, text: &str) -> io::Result<()> {
        self.after_output.set(false);
        let mut out = io::stdout().lock();
        writeln!(out, "{text}")?;
        out.flush()
    }

    fn styled(&self, code: &str, text: &str) -> String {
        if self.colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Breaks sentences into lines of at most `width` characters if words allow that. Single line breaks count as spaces.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// Aligns tab-separated columns two spaces apart, as `column -t` does.
pub fn columns(text: &str) -> String {
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    let count = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..count).map(|column| width(column).unwrap_or_default()).collect();
    let line = |row: &Vec<&str>| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_break_between_words() {
        assert_eq!(wrap("one two\n three", 8), ["one two", "three"]);
        assert_eq!(wrap("unbreakable", 4), ["unbreakable"]);
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        assert_eq!(columns("A\tB\tC\nlong\tü\tx"), "A     B  C\nlong  ü  x");
    }

    #[test]
    fn a_row_may_have_fewer_cells() {
        assert_eq!(columns("A\tB\nx"), "A  B\nx");
    }
}
