/* The event browser: filters, table, timeline and what can be taken along.
   Values of the data reach the page as text nodes only, never as markup. */
(() => {
  "use strict";
  const { columns, rows, words, labels, themes, theme, valences, windows } = window.jkrel;
  const LISTS = ["actors"];
  const FILTERS = Object.keys(labels);
  const SHOWN = ["date_start", "summary", "issue", "event_type", "level", "format", "actors"];
  const TITLES = ["Date", "Event", "Issue", "Type", "Level", "Format", "Actors"];
  const STEP = 50;
  const at = (id) => document.getElementById(id);
  const events = rows.map((cells) => Object.fromEntries(columns.map((name, i) => [name, cells[i]])));
  const form = at("filters");
  let view = {}, found = [], limit = STEP;

  /* Words: without case, accents and punctuation, so that any spelling finds. */
  const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "")
    .replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  const codes = (event, name) => LISTS.includes(name) ? event[name].split(";") : [event[name]];
  const label = (name, code) => labels[name]?.[code] ?? code;
  const told = (event, name) => name in labels
    ? codes(event, name).map((code) => label(name, code)).join(", ") : event[name];
  for (const event of events) {
    const all = [...Object.values(event), ...FILTERS.map((name) => told(event, name))];
    event.text = ` ${plain([...all, words[event.event_id]].join(" "))} `;
  }

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElementNS(
      "svg g path rect text line title".split(" ").includes(tag)
        ? "http://www.w3.org/2000/svg" : "http://www.w3.org/1999/xhtml", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  /* The view stands in the address, after #, so that it can be sent and also works from disk. */
  const read = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    const one = (name) => given.get(name) ?? "";
    view = { q: one("q"), from: one("from"), to: one("to"), sort: one("sort") || "date_start" };
    for (const name of FILTERS) {
      view[name] = one(name).split(",").filter((code) => code in labels[name]);
    }
    if (!SHOWN.includes(view.sort.replace("-", ""))) view.sort = "date_start";
    for (const name of ["q", "from", "to"]) {
      at(name).value = view[name];
      view[name] = at(name).value;  // what is no day leaves the field empty, and filters nothing
    }
    for (const box of form.querySelectorAll("input[type=checkbox]")) {
      box.checked = view[box.name].includes(box.value);
    }
  };
  const address = () => {
    const parts = ["q", "from", "to", ...FILTERS].filter((name) => view[name].length)
      .map((name) => `${name}=${encodeURIComponent(view[name]).replaceAll("%2C", ",")}`);
    if (view.sort !== "date_start") parts.push(`sort=${view.sort}`);
    return parts.join("&");
  };

  const fits = (event) => {
    const wanted = plain(view.q).split(" ").filter(Boolean);
    return wanted.every((word) => event.text.includes(word))
      && (!view.from || event.date_start >= view.from)
      && (!view.to || event.date_start <= view.to)
      && FILTERS.every((name) => !view[name].length
        || codes(event, name).some((code) => view[name].includes(code)));
  };
  const sorted = (list) => {
    const name = view.sort.replace("-", "");
    const order = Object.keys(labels[name] ?? {});
    const rank = (event) => order.length && !LISTS.includes(name)
      ? order.indexOf(event[name]) : told(event, name);
    const sign = view.sort.startsWith("-") ? -1 : 1;
    const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
    return [...list].sort((a, b) => sign * compare(rank(a), rank(b))
      || compare(a.date_start, b.date_start) || compare(a.event_id, b.event_id));
  };

  /* Table */
  const head = () => {
    const cells = SHOWN.map((name, i) => {
      const current = view.sort.replace("-", "") === name;
      const down = current && view.sort.startsWith("-");
      const button = make("button", { type: "button" }, TITLES[i],
        make("span", { "aria-hidden": "true" }, current ? (down ? " ▼" : " ▲") : ""));
      button.addEventListener("click", () => {
        view.sort = current && !down ? `-${name}` : name;
        show(true);
        at("events").querySelectorAll("th button")[i].focus();
      });
      const state = current ? (down ? "descending" : "ascending") : "none";
      return make("th", { scope: "col", "aria-sort": state }, button);
    });
    at("events").tHead.rows[0].replaceChildren(...cells);
  };
  const row = (event) => make("tr", {}, ...SHOWN.map((name, i) => {
    const text = told(event, name);
    const inside = name === "summary"
      ? [make("a", { href: `${event.event_id}.html` }, text), " ",
         make("span", { class: "detail" }, event.event_id)]
      : [text];
    return make(i ? "td" : "th", i ? { "data-title": TITLES[i] } : { scope: "row" }, ...inside);
  }));
  const table = () => {
    head();
    at("events").tBodies[0].replaceChildren(...found.slice(0, limit).map(row));
    at("more").hidden = found.length <= limit;
    at("more").textContent = `Show all ${found.length} (now ${Math.min(limit, found.length)})`;
  };

  /* Timeline: a row per theme, a mark per event, shapes as well as colours for what it is. */
  const SHAPES = ["M0-4.6A4.6 4.6 0 1 1 0 4.6A4.6 4.6 0 1 1 0-4.6Z", "M-3.8-3.8H3.8V3.8H-3.8Z",
    "M0-5L5 4H-5Z"];
  const mark = (place, x, y, title) => make("path", {
    d: SHAPES[place], transform: `translate(${x} ${y})`, fill: valences[place][2], class: "mark",
  }, ...(title ? [make("title", {}, title)] : []));
  const timeline = () => {
    const width = Math.max(300, at("drawing").clientWidth), left = width < 600 ? 4 : 200;
    const days = events.map((event) => Date.parse(event.date_start));
    const low = Date.parse(view.from) || Date.parse("2022-05-01");
    const high = Date.parse(view.to) || Math.max(...days) + 20 * 864e5;
    const first = Number.isFinite(low) ? low : Math.min(...days);
    const x = (day) => left + (width - left - 10) * (Date.parse(day) - first) / (high - first);
    const inside = (day) => Date.parse(day) >= first && Date.parse(day) <= high;
    const lane = 46, gap = left < 50 ? 16 : 0, parts = [];
    themes.forEach(([code, name], i) => {
      const y = i * (lane + gap) + gap + lane / 2, stacks = {};
      parts.push(make("line", { x1: left, x2: width - 6, y1: y + lane / 2, y2: y + lane / 2 }));
      parts.push(make("text", { x: 2, y: gap ? y - lane / 2 - 2 : y + 4 }, name));
      for (const event of found) {
        if (theme[event.issue] !== code || !inside(event.date_start)) continue;
        (stacks[Math.round(x(event.date_start) / 9)] ??= []).push(event);
      }
      for (const [bin, stack] of Object.entries(stacks)) stack.forEach((event, n) => {
        const offset = (n - (stack.length - 1) / 2) * Math.min(9, (lane - 8) / stack.length);
        const kind = valences.findIndex(([value]) => value === event.valence);
        const drawn = mark(kind, bin * 9, y + offset, `${event.date_start}: ${event.summary}`);
        drawn.addEventListener("click", () => { location.href = `${event.event_id}.html`; });
        parts.push(drawn);
      });
    });
    const bottom = themes.length * (lane + gap) + 8;
    const series = [...new Set(windows.map(([name]) => name))];
    series.forEach((name, i) => {
      const y = bottom + 24 + i * (gap ? 30 : 18) + gap;
      parts.push(make("text", { x: 2, y: gap ? y - 3 : y + 9 }, name));
      for (const [, start, end, completeness] of windows.filter(([other]) => other === name)) {
        const from = Math.max(left, x(start)), to = Math.min(width - 6, x(end));
        if (to > from) parts.push(make("rect", {
          x: from, y, width: Math.max(2, to - from), height: 10, class: `window ${completeness}`,
        }, make("title", {}, `${name}, ${start} to ${end}: ${completeness}`)));
      }
    });
    for (let year = new Date(first).getUTCFullYear(); year <= new Date(high).getUTCFullYear(); year++) {
      for (const month of ["01", "07"]) {
        const day = `${year}-${month}-01`;
        if (!inside(day)) continue;
        parts.unshift(make("line", { x1: x(day), x2: x(day), y1: gap, y2: bottom, class: "year" }));
        if (month === "01" && x(day) < width - 40) parts.push(make("text", { x: x(day) + 3, y: bottom + 12 }, String(year)));
      }
    }
    const height = bottom + 40 + gap + series.length * (gap ? 30 : 18);
    const outside = found.filter((event) => !inside(event.date_start)).length;
    const story = `Timeline of ${found.length} events by theme: ` + themes.map(([code, name]) =>
      `${name} ${found.filter((event) => theme[event.issue] === code).length}`).join(", ")
      + (outside ? `. Not drawn, outside the time shown: ${outside}` : "") + ".";
    at("drawing").replaceChildren(make("svg", {
      role: "img", "aria-label": story, viewBox: `0 0 ${width} ${height}`, width, height,
    }, ...parts));
    at("legend").replaceChildren(...valences.flatMap(([, name], i) => [
      make("svg", { width: 12, height: 12, viewBox: "-6 -6 12 12", "aria-hidden": "true" },
        mark(i, 0, 0)), ` ${name}${i + 1 < valences.length ? ", " : ". "}`]),
      outside ? `Not drawn, outside the time shown: ${outside}. ` : "");
  };

  /* Lines that reproduce the view. Words are matched here alone: then the ids are named. */
  const quoted = (text) => JSON.stringify(text);
  const conditions = (compare, oneOf, within) => {
    if (plain(view.q)) return [oneOf("event_id", found.map((event) => event.event_id))];
    return [
      ...(view.from ? [compare("date_start", ">=", view.from)] : []),
      ...(view.to ? [compare("date_start", "<=", view.to)] : []),
      ...FILTERS.filter((name) => view[name].length).map((name) =>
        (LISTS.includes(name) ? within : oneOf)(name, view[name])),
    ];
  };
  const pandas = () => {
    const all = conditions(
      (name, sign, value) => `(d[${quoted(name)}] ${sign} ${quoted(value)})`,
      (name, values) => `d[${quoted(name)}].isin([${values.map(quoted).join(", ")}])`,
      (name, values) => `d[${quoted(name)}].str.contains(r"\\b(?:${values.join("|")})\\b")`);
    const load = 'pd.read_csv("events.csv", dtype=str, keep_default_na=False)';
    return all.length ? `${load}.loc[lambda d: ${all.join(" & ")}]` : load;
  };
  const r = () => {
    const all = conditions(
      (name, sign, value) => `${name} ${sign} ${quoted(value)}`,
      (name, values) => `${name} %in% c(${values.map(quoted).join(", ")})`,
      (name, values) => `grepl("\\\\b(${values.join("|")})\\\\b", ${name}, perl = TRUE)`);
    const load = 'read.csv("events.csv", colClasses = "character", encoding = "UTF-8")';
    return all.length ? `subset(${load}, ${all.join(" & ")})` : load;
  };
  const csv = () => {
    const cell = (text) => /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    const chosen = new Set(found.map((event) => event.event_id));
    const kept = rows.filter((cells) => chosen.has(cells[columns.indexOf("event_id")]));
    return [columns, ...kept].map((cells) => `${cells.map(cell).join(",")}\n`).join("");
  };
  const cited = (form) => {
    const { sources, [form]: entries } = window.jkrelCitations;
    const ids = found.map((event) => event.event_id);
    const all = [...ids, ...new Set(ids.flatMap((id) => sources[id]))];
    return all.map((id) => `${entries[id]}\n`).join("\n");
  };
  const save = (text, name, type) => {
    const link = make("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    at("done").textContent = `${name} saved: ${found.length} events.`;
  };
  const withCitations = (then) => {
    if (window.jkrelCitations) return then();
    const script = make("script", { src: "../_static/citations.js" });
    script.addEventListener("load", then);
    document.head.append(script);
  };
  const copy = async (text, what) => {
    try {
      await navigator.clipboard.writeText(text);
      at("done").textContent = `${what} copied.`;
    } catch {
      at("done").textContent = `${what} could not be copied here: ${text}`;
    }
  };

  const show = (move) => {
    if (move) history.replaceState(null, "", `#${address()}`);
    found = sorted(events.filter(fits));
    at("status").textContent = `${found.length} of ${events.length} events`;
    for (const box of form.querySelectorAll("details")) {
      const number = view[box.dataset.filter].length;
      box.querySelector(".chosen").textContent = number ? `(${number})` : "";
    }
    at("pandas").value = pandas();
    at("r").value = r();
    at("done").textContent = "";
    table();
    timeline();
  };
  const gather = () => {
    for (const name of ["q", "from", "to"]) view[name] = at(name).value;
    for (const name of FILTERS) {
      view[name] = [...form.querySelectorAll(`input[name=${name}]:checked`)].map((box) => box.value);
    }
    limit = STEP;
    show(true);
  };
  form.addEventListener("input", gather);
  form.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && event.target.closest("details[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(gather));
  at("more").addEventListener("click", () => { limit = Infinity; table(); });
  at("copy-link").addEventListener("click", () => copy(location.href, "The link"));
  at("csv").addEventListener("click", () => save(csv(), "events.csv", "text/csv"));
  at("bibtex").addEventListener("click", () => withCitations(() =>
    save(cited("bibtex"), "events.bib", "application/x-bibtex")));
  at("ris").addEventListener("click", () => withCitations(() =>
    save(cited("ris"), "events.ris", "application/x-research-info-systems")));
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", () => copy(at(button.dataset.copy).value, "The line"));
  }
  window.addEventListener("hashchange", () => { read(); limit = STEP; show(false); });
  new ResizeObserver(timeline).observe(at("timeline"));
  read();
  show(false);
})();
