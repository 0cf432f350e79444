"use strict";
(() => {
  const root = document.documentElement;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);

  // Resolve a colour variable of the style sheet in the current theme.
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const colour = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };

  // Charts are redrawn when the theme changes.
  const charts = read("charts");
  const font = getComputedStyle(document.body).fontFamily;
  const views = new Map();
  const buildConfig = () => ({
    background: null,
    font,
    view: { stroke: null },
    axis: {
      labelColor: colour("soft"), titleColor: colour("soft"), gridColor: colour("line"),
      domainColor: colour("edge"), tickColor: colour("edge"),
      labelFontSize: 12, titleFontSize: 12, titleFontWeight: 500, titlePadding: 10, labelPadding: 6,
      labelLimit: innerWidth < 700 ? 130 : 220,
    },
    bar: { fill: colour("s1") },
    rect: { stroke: colour("card") },
    text: { fill: colour("ink"), font, fontSize: 12 },
    range: {
      category: [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => colour(`s${n}`)),
      diverging: [colour("below"), colour("usual"), colour("above")],
    },
  });
  const draw = async () => {
    const config = buildConfig();
    const theme = isDark() ? "dark" : "light";
    for (const [id, spec] of Object.entries(charts)) {
      views.get(id)?.finalize();
      const options = { actions: false, renderer: "svg", ast: true, config, defaultStyle: false, tooltip: { theme } };
      const place = document.getElementById(id);
      views.set(id, await window.vegaEmbed(place, applyColours(structuredClone(spec), place.clientWidth), options));
    }
    root.dataset.drawn = theme;
  };
  // "Other sections" and "No section" have fixed colours; crosses get the colour of the card.
  const applyColours = (spec, width) => {
    // Narrow bars get no outline, because it would cover them.
    if (width / spec.usermeta?.bars < 5) spec.mark.strokeWidth = 0;
    for (const layer of spec.layer ?? []) if (layer.mark.style === "cross") layer.mark.fill = colour("card");
    const scale = spec.encoding?.color?.scale;
    if (scale?.domain && spec.encoding.color.type === "nominal") {
      const fixed = { "Other sections": "s8", "No section": "s9" };
      scale.range = scale.domain.map((name, n) => colour(fixed[name] ?? `s${n + 1}`));
    }
    return spec;
  };

  // The theme is the system's until the user chooses another.
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
  const button = document.getElementById("theme");
  const applyTheme = () => {
    button.textContent = isDark() ? "Light theme" : "Dark theme";
    draw();
  };
  try {
    const stored = localStorage.getItem("newsetl-theme");
    if (stored) root.dataset.theme = stored;
  } catch { /* the browser has no storage for local files */ }
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("newsetl-theme", root.dataset.theme); } catch { /* as above */ }
    applyTheme();
  });
  dark.addEventListener("change", applyTheme);

  // Calendar: one Tab stop, arrow keys between days, and a line with details of the focused day.
  for (const calendar of document.querySelectorAll(".calendar")) {
    const days = [...calendar.querySelectorAll("td[data-state]")].sort((a, b) => order(a) - order(b));
    const line = calendar.querySelector(".day-details");
    const showDetails = (day) => { line.textContent = day.getAttribute("aria-label"); };
    const newest = days.at(-1);
    newest.tabIndex = 0;
    showDetails(newest);
    calendar.addEventListener("focusin", (event) => {
      if (!event.target.matches("td")) return;
      for (const day of days) day.tabIndex = day === event.target ? 0 : -1;
      showDetails(event.target);
    });
    calendar.addEventListener("pointerover", (event) => {
      const day = event.target.closest("td[data-state]");
      if (day) showDetails(day);
    });
    calendar.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 7, ArrowUp: -7 }[event.key];
      const at = days.indexOf(event.target);
      const to = event.key === "Home" ? 0 : event.key === "End" ? days.length - 1 : at + step;
      if (at < 0 || Number.isNaN(to)) return;
      event.preventDefault();
      days[Math.max(0, Math.min(days.length - 1, to))].focus();
    });
  }
  function order(day) {
    return Number(day.dataset.on);
  }

  // Articles: filter and sort all rows, show AT_ONCE rows at a time.
  const table = document.getElementById("article-table");
  if (table) {
    const [AT_ONCE, TITLE, SECTION, AUTHORS, WORDS, CHANGES, GONE, LINK] = [50, 1, 2, 3, 5, 6, 7, 8];
    const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    const names = (cell) => (Array.isArray(cell) ? cell.join(", ") : cell);
    const rows = read("rows").map((row) => {
      const marks = [row[CHANGES] ? "changed" : "", row[GONE] ? "gone" : ""];
      const words = [row[0], row[TITLE], row[SECTION], names(row[AUTHORS]), names(row[AUTHORS + 1]), ...marks, row[9]];
      return { row, words: fold(words.join("\n")) };
    });
    const body = table.tBodies[0];
    const filter = document.getElementById("filter");
    const count = document.getElementById("count");
    const more = document.getElementById("more");
    const heads = [...table.tHead.rows[0].cells];
    const collator = new Intl.Collator(undefined, { numeric: true });
    const format = new Intl.NumberFormat("en");
    let matches = rows;
    let shown = 0;

    const element = (name, text, kind) => {
      const node = document.createElement(name);
      if (text !== undefined) node.textContent = text;
      if (kind) node.className = kind;
      return node;
    };
    const buildRow = ({ row }) => {
      const tr = element("tr");
      heads.forEach((head, n) => {
        const cell = element("td", undefined, n >= WORDS ? "n" : n === TITLE ? "title" : "");
        cell.dataset.name = head.textContent;
        if (n === 0) cell.append(element("time", row[0]));
        else if (n === TITLE) {
          const title = element("bdi", row[TITLE]);
          const link = element("a");
          if (row[LINK]) {
            link.href = row[LINK];
            link.rel = "noreferrer";
            link.append(title);
          }
          cell.append(row[LINK] ? link : title);
          if (row[GONE]) cell.append(" ", element("span", "gone", "tag warn"));
        } else if (n >= WORDS) cell.textContent = n === CHANGES && !row[n] ? "" : format.format(row[n]);
        else cell.append(element("bdi", names(row[n])));
        if (!cell.textContent) cell.classList.add("none");
        tr.append(cell);
      });
      return tr;
    };
    const show = () => {
      const next = matches.slice(shown, shown + AT_ONCE).map(buildRow);
      body.append(...next);
      shown += next.length;
      more.hidden = shown >= matches.length;
      more.textContent = `Show ${format.format(Math.min(AT_ONCE, matches.length - shown))} more`;
      return next[0];
    };
    const update = () => {
      const words = fold(filter.value).split(/\s+/).filter(Boolean);
      matches = rows.filter((each) => words.every((word) => each.words.includes(word)));
      const head = heads.find((each) => each.ariaSort);
      const n = heads.indexOf(head);
      const direction = head.ariaSort === "ascending" ? 1 : -1;
      const key = ({ row }) => names(row[n]);
      // Rows are ordered newest first; the stable sort keeps this order among equal keys.
      if (n !== 0 || direction > 0) {
        matches = [...matches].sort((a, b) => direction * (n >= WORDS ? key(a) - key(b) : collator.compare(key(a), key(b))));
      }
      shown = 0;
      body.replaceChildren();
      show();
      count.value = matches.length === rows.length
        ? `${format.format(rows.length)} articles`
        : `${format.format(matches.length)} of ${format.format(rows.length)} articles`;
    };
    filter.addEventListener("input", update);
    more.addEventListener("click", () => show()?.querySelector("a")?.focus());
    table.tHead.addEventListener("click", (event) => {
      const head = event.target.closest("button")?.parentElement;
      if (!head) return;
      const isNumber = heads.indexOf(head) >= WORDS || head === heads[0];
      const next = head.ariaSort ? (head.ariaSort === "ascending" ? "descending" : "ascending")
        : isNumber ? "descending" : "ascending";
      for (const each of heads) each.removeAttribute("aria-sort");
      head.ariaSort = next;
      update();
    });
    update();
  }
  applyTheme();
})();
