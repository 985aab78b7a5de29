//! The company's logo: one small picture from a file, checked at startup.

use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};

/// Largest file, in bytes.
const LARGEST: u64 = 100 * 1024;

/// A picture above the text of each page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    pub bytes: Vec<u8>,
    /// Media type.
    pub kind: &'static str,
    /// Changes with the file, so that browsers may cache it.
    pub version: String,
}

/// Why a file is not usable as a logo. Each message contains a remedy.
#[derive(Debug, thiserror::Error)]
pub enum LogoError {
    #[error("logo: {path} cannot be read ({source}): mount the image there, or remove the setting", path = path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("logo: {path} has {size} bytes: use an image of at most {} KiB, because every page shows it", LARGEST / 1024, path = path.display())]
    TooLarge {
        path: PathBuf,
        /// Size in bytes.
        size: u64,
    },
    #[error("logo: {path} is not a PNG, JPEG or SVG image: save it in one of these formats", path = path.display())]
    UnknownKind { path: PathBuf },
}

impl Logo {
    /// Reads the file; its content, not its name, decides the format.
    pub fn load(path: &Path) -> Result<Self, LogoError> {
        let unreadable = |source| LogoError::Unreadable { path: path.to_owned(), source };
        let size = std::fs::metadata(path).map_err(unreadable)?.len();
        if size > LARGEST {
            return Err(LogoError::TooLarge { path: path.to_owned(), size });
        }
        let bytes = std::fs::read(path).map_err(unreadable)?;
        let kind = kind(&bytes).ok_or_else(|| LogoError::UnknownKind { path: path.to_owned() })?;
        let version = data_encoding::HEXLOWER.encode(&digest(&SHA256, &bytes).as_ref()[..6]);
        Ok(Self { bytes, kind, version })
    }
}

fn kind(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some("image/png");
    }
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        return Some("image/jpeg");
    }
    let text = std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}').trim_start();
    let is_svg =
        text.starts_with("<svg") || (text.starts_with("<?xml") || text.starts_with("<!--")) && text.contains("<svg");
    is_svg.then_some("image/svg+xml")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that is deleted at the end of the test.
    struct File(PathBuf);

    impl File {
        fn of(bytes: &[u8]) -> Self {
            let name = data_encoding::HEXLOWER.encode(digest(&SHA256, bytes).as_ref());
            let file = Self(std::env::temp_dir().join(format!("logo-{}-{name}", std::process::id())));
            std::fs::write(&file.0, bytes).unwrap();
            file
        }
    }

    impl Drop for File {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    fn load(bytes: &[u8]) -> Result<Logo, String> {
        Logo::load(&File::of(bytes).0).map_err(|error| error.to_string())
    }

    #[test]
    fn a_picture_is_known_by_its_content() {
        for (bytes, kind) in [
            (&b"\x89PNG\r\n\x1a\nrest"[..], "image/png"),
            (&[0xff, 0xd8, 0xff, 0xe0, 1], "image/jpeg"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
            ("\u{feff}<?xml version='1.0'?>\n<svg/>".as_bytes(), "image/svg+xml"),
        ] {
            assert_eq!(load(bytes).unwrap().kind, kind);
        }
        assert_ne!(load(b"<svg/>").unwrap().version, load(b"<svg />").unwrap().version);
    }

    #[test]
    fn what_is_no_small_picture_is_refused_with_what_to_do() {
        for (bytes, say) in [
            (&b"<html><svg/></html>"[..], "save it in one of these formats"),
            (b"", "not a PNG, JPEG or SVG"),
            (b"GIF89a", "not a PNG, JPEG or SVG"),
            (&vec![b'x'; 102_401], "has 102401 bytes: use an image of at most 100 KiB"),
        ] {
            let error = load(bytes).unwrap_err();
            assert!(error.contains(say), "{error}");
        }
        let error = Logo::load(Path::new("/no/such/logo.png")).unwrap_err().to_string();
        assert!(error.contains("/no/such/logo.png cannot be read"), "{error}");
    }
}
