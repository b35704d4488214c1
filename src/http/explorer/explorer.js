// The explorer: GraphiQL with the token and the headers of the person before it. Nothing is kept: neither
// the token nor a document is written into the browser's storage, for either may name a person.
"use strict";

const element = (id) => document.getElementById(id);
const root = ReactDOM.createRoot(element("explorer"));
let caller = { token: "", purpose: "", case: "" };
let text = "";
let opened = 0;

/** A store that forgets with the page. */
function forgetful() {
  const kept = new Map();
  return {
    get length() { return kept.size; },
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => { kept.set(key, value); },
    removeItem: (key) => { kept.delete(key); },
    clear: () => kept.clear(),
  };
}

function say(text, trouble) {
  element("state").textContent = text;
  element("state").toggleAttribute("data-trouble", Boolean(trouble));
}

/** Sends what GraphiQL asks, as the caller. */
function fetcherOf({ token, purpose, case: number }) {
  return async (parameters, options) => {
    const headers = { "content-type": "application/json", accept: "application/graphql-response+json", ...options?.headers };
    if (token) headers.authorization = `Bearer ${token}`;
    if (purpose) headers["yimen-purpose"] = purpose;
    if (number) headers["yimen-case"] = number;
    const response = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify(parameters) });
    const answer = await response.json();
    const refused = !answer.data && answer.errors?.[0];
    const record = response.headers.get("yimen-record");
    if (refused) say(`${response.status} ${refused.extensions?.code ?? ""}: ${refused.message}`, true);
    else say(`${response.status}${record ? ` · record 记录 ${record}` : ""}`);
    return answer;
  };
}

function show() {
  root.render(React.createElement(GraphiQL, {
    key: opened,
    fetcher: fetcherOf(caller),
    storage: forgetful(),
    shouldPersistHeaders: false,
    defaultQuery: text,
    query: text || undefined,
    isHeadersEditorEnabled: true,
    showPersistHeadersSettings: false,
  }));
}

function options(select, entries) {
  for (const { value, text } of entries) select.append(new Option(text, value));
}

async function begin() {
  const settings = await (await fetch("/explorer/settings.json")).json();
  options(element("purpose"), settings.purposes.map(({ code, name }) => ({ value: code, text: `${code} ${name}` })));
  options(element("example"), settings.examples.map(({ name }) => ({ value: name, text: name })));
  text = settings.examples[0]?.document ?? "";
  element("example").addEventListener("change", (event) => {
    const chosen = settings.examples.find(({ name }) => name === event.target.value);
    if (!chosen) return;
    text = chosen.document;
    opened += 1;
    show();
  });
  element("caller").addEventListener("submit", (event) => {
    event.preventDefault();
    caller = { token: element("token").value.trim(), purpose: element("purpose").value, case: element("case").value.trim() };
    opened += 1;
    show();
  });
  show();
}

begin().catch((error) => say(String(error), true));
