"use strict";
(() => {
  const root = document.documentElement;
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const narrow = 440; // pixels: below, a figure is drawn as on a telephone
  const shown = new Map(); // by figure: how wide it was drawn last
  const hidden = new Set(); // segments that are switched off on the maps
  // On a map each trace says in its meta which segment it is.
  const maps = Object.keys(figures).filter((name) => figures[name].data.some((trace) => "meta" in trace));

  // A colour is named by its CSS variable: light, dark and paper are the style sheet's matter.
  const probe = document.body.appendChild(document.createElement("i"));
  probe.hidden = true;
  const washes = { clear: 0, faint: 0.22, strong: 0.75 };
  let known = new Map();
  function colour(name) {
    if (!known.has(name)) {
      const [, base, wash] = name.match(/^(.*?)(?:-(clear|faint|strong))?$/);
      probe.style.color = `var(--${base})`;
      const rgb = getComputedStyle(probe).color;
      known.set(name, wash ? rgb.replace("rgb(", "rgba(").replace(")", `, ${washes[wash]})`) : rgb);
    }
    return known.get(name);
  }
  function coloured(value, key) {
    if (Array.isArray(value)) return value.map((one) => coloured(one, key));
    if (value && typeof value === "object")
      return Object.fromEntries(Object.entries(value).map(([k, one]) => [k, coloured(one, k)]));
    const named = typeof value === "string" && /color(scale)?$/.test(key) && value.match(/^var\(--([a-z0-9-]+)\)$/);
    return named ? colour(named[1]) : value;
  }
  function patched(drawn, patch) {
    for (const [path, value] of Object.entries(patch)) {
      const keys = path.split(".");
      const last = keys.pop();
      keys.reduce((part, key) => (part[key] ??= {}), drawn)[last] = value;
    }
    return drawn;
  }

  const canDrawSpace = (() => {
    try {
      return Boolean(document.createElement("canvas").getContext("webgl"));
    } catch {
      return false;
    }
  })();

  function draw(name) {
    const element = document.getElementById(name);
    const figure = figures[name];
    const width = element.clientWidth;
    if (!width || (figure.space && !canDrawSpace)) return;
    shown.set(name, width);
    const whole = structuredClone({ data: figure.data, layout: figure.layout });
    const { data, layout } = coloured(width < narrow ? patched(whole, figure.narrow) : whole, "");
    layout.width = width;
    layout.font.family = getComputedStyle(document.body).fontFamily;
    element.style.minHeight = `${layout.height}px`;
    if (maps.includes(name)) data.forEach((trace) => (trace.visible = !hidden.has(trace.meta)));
    Plotly.react(element, data, layout, { displayModeBar: false, doubleClick: false });
  }
  function drawAll() {
    known = new Map();
    Object.keys(figures).forEach(draw);
  }

  if (!canDrawSpace) root.classList.add("flat");

  // What can be seen comes first; the rest follows without holding the page up.
  const waiting = Object.keys(figures);
  (function next() {
    const name = waiting.shift();
    if (!name) return;
    if (!shown.has(name)) draw(name);
    setTimeout(next, 0);
  })();

  let pending;
  new ResizeObserver(() => {
    clearTimeout(pending);
    pending = setTimeout(() => {
      for (const [name, width] of shown)
        if (document.getElementById(name).clientWidth !== width) draw(name);
    }, 120);
  }).observe(document.querySelector("main"));

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const theme = document.getElementById("theme");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  function say() {
    theme.setAttribute("aria-pressed", String(isDark()));
    theme.textContent = isDark() ? "Light" : "Dark";
    theme.setAttribute("aria-label", isDark() ? "Switch to light colours" : "Switch to dark colours");
  }
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    say();
    drawAll();
  });
  dark.addEventListener("change", () => {
    say();
    drawAll();
  });
  say();

  for (const chip of document.querySelectorAll(".chip"))
    chip.addEventListener("click", () => {
      const place = Number(chip.dataset.segment);
      if (!hidden.delete(place)) hidden.add(place);
      chip.setAttribute("aria-pressed", String(!hidden.has(place)));
      for (const name of maps) if (shown.has(name)) draw(name);
    });

  // Tabs: one panel is shown at a time; what is drawn in it is drawn when it is first seen.
  for (const list of document.querySelectorAll("[role=tablist]")) {
    const tabs = [...list.querySelectorAll("[role=tab]")];
    const choose = (chosen) => {
      for (const tab of tabs) {
        const panel = document.getElementById(tab.getAttribute("aria-controls"));
        tab.setAttribute("aria-selected", String(tab === chosen));
        tab.tabIndex = tab === chosen ? 0 : -1;
        panel.hidden = tab !== chosen;
        if (tab === chosen) panel.querySelectorAll(".plot").forEach((plot) => draw(plot.id));
      }
    };
    for (const [place, tab] of tabs.entries()) {
      tab.addEventListener("click", () => choose(tab));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const next = tabs[(place + step + tabs.length) % tabs.length];
        choose(next);
        next.focus();
      });
    }
    choose(tabs[0]);
  }

  // On paper everything is light, as wide as the sheet, and nothing is folded away.
  let before;
  let folded = [];
  addEventListener("beforeprint", () => {
    before = root.dataset.theme;
    root.dataset.theme = "light";
    root.classList.add("paper");
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((one) => (one.open = true));
    drawAll();
  });
  addEventListener("afterprint", () => {
    if (before) root.dataset.theme = before;
    else delete root.dataset.theme;
    root.classList.remove("paper");
    folded.forEach((one) => (one.open = false));
    drawAll();
  });
})();
