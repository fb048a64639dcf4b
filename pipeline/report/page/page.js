"use strict";
// The page is whole without this script: it adds a filter, highlights, and news from a server.

const root = document.documentElement;

function numbers(attribute, value) {
  return [...document.querySelectorAll(`.graph path[${attribute}="${value}"]`)];
}

function choose(box) {
  const graph = document.querySelector(".graph:not(.map)");
  document.querySelectorAll(".near").forEach((one) => one.classList.remove("near"));
  graph.classList.toggle("chosen", Boolean(box));
  if (!box) return;
  const task = box.dataset.task;
  const before = numbers("data-to", task);
  const after = numbers("data-from", task);
  const near = [task, ...before.map((one) => one.dataset.from), ...after.map((one) => one.dataset.to)];
  [...before, ...after].forEach((one) => one.classList.add("near"));
  near.forEach((one) => graph.querySelector(`[data-task="${one}"]`).classList.add("near"));
}

function filter(field) {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = [...document.querySelectorAll(".tasks tbody tr")];
  let shown = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    shown += row.hidden ? 0 : 1;
  }
  document.querySelector("[data-count]").textContent = words.length ? `${shown} of ${rows.length}` : "";
}

function enliven() {
  const graph = document.querySelector(".graph:not(.map)");
  if (!graph) return;
  const first = graph.querySelector(".error, .stale, .maybe") ?? graph.querySelector(".box");
  const { x, y, height } = first.getBBox();
  graph.scrollTo({ left: x - 16, top: y + height / 2 - graph.clientHeight / 2, behavior: "instant" });
  graph.addEventListener("mouseover", (event) => choose(event.target.closest(".box")));
  graph.addEventListener("mouseleave", () => choose(null));
  const button = document.querySelector("[data-fit]");
  button.hidden = false;
  button.addEventListener("click", () => {
    const fits = graph.classList.toggle("fit");
    button.textContent = fits ? "Actual size" : "Fit to width";
  });
  const field = document.querySelector("[data-filter]");
  field.closest(".search").hidden = false;
  field.addEventListener("input", () => filter(field));
}

// What a reader has opened, typed and chosen stays when the page is replaced.
function replace(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  const open = [...document.querySelectorAll("details")].map((one) => one.open);
  const typed = document.querySelector("[data-filter]")?.value ?? "";
  const fits = document.querySelector(".graph:not(.map)")?.classList.contains("fit");
  const focused = document.activeElement?.id;
  const place = [window.scrollX, window.scrollY];
  for (const name of ["header", "main"]) {
    document.querySelector(name).replaceWith(fresh.querySelector(name));
  }
  const all = [...document.querySelectorAll("details")];
  if (all.length === open.length) all.forEach((one, at) => { one.open = open[at]; });
  enliven();
  const field = document.querySelector("[data-filter]");
  if (field && typed) {
    field.value = typed;
    filter(field);
  }
  if (fits) document.querySelector("[data-fit]")?.click();
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  window.scrollTo({ left: place[0], top: place[1], behavior: "instant" });
}

let shown = "";

async function ask() {
  const news = document.getElementById("news");
  try {
    const state = await (await fetch("/state", { cache: "no-store" })).json();
    if (shown && state.digest !== shown) {
      replace(await (await fetch("/", { cache: "no-store" })).text());
    }
    shown = state.digest;
    const said = document.getElementById("news");
    if (said.textContent !== state.problem) said.textContent = state.problem;
  } catch {
    news.textContent = "The server has ended: this report is no longer kept up to date.";
  }
}

enliven();
if (root.dataset.served !== undefined) {
  ask();
  setInterval(() => { if (!document.hidden) ask(); }, 1000);
}
