// Refreshes what changed, once a second, while the page is looked at. A part somebody is using stays as it is.
const source = document.body.dataset.live ?? "/page/live";
const busy = (part) => part.matches(":active") || part.contains(document.activeElement);

function renew(part, fresh) {
  if (part.outerHTML === fresh.outerHTML || busy(part)) return;
  const open = [...part.querySelectorAll("details[open]")].map((it) => it.dataset.key);
  const { scrollTop, scrollLeft } = part;
  fresh.querySelectorAll("details").forEach((it) => { it.open = open.includes(it.dataset.key); });
  part.replaceWith(fresh);
  fresh.scrollTo(scrollLeft, scrollTop);
}

async function refresh() {
  if (document.hidden || !source) return;
  try {
    const answer = await fetch(source);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.body.style.opacity = "";
    fresh.querySelectorAll(".live").forEach((it) => {
      const part = document.getElementById(it.id);
      if (part) renew(part, it);
    });
  } catch {
    document.body.style.opacity = ".5"; // The simulator has stopped.
  }
}

setInterval(refresh, 1000);
