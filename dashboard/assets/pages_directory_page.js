/* The page of the directory: tabs in the address, a search, and what its tabs need to keep changes. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;
    const { tabs, table, words } = window.callboardDirectory;

    const TABS = ["employees", "phones", "queues", "ring-groups", "lines", "channels", "hours", "holidays"];
    const NEW = "new";
    const SEARCHED = 8; // rows that are seen at one glance

    function start(config) {
        journal.leave();
        journal.config = config;
        const place = (id) => document.getElementById(id);
        const isHere = () => journal.config === config && place("directory-list") !== null;
        const state = journal.state;
        let entries = null;
        let wanted = "";
        if (!isHere()) return;

        const chosen = () => (TABS.includes(state.get("tab")) ? state.get("tab") : TABS[0]);

        const desk = {
            opened: null,
            /** Open the form of a row, of a new one, or none. */
            open(key) {
                desk.opened = key;
                draw();
                const form = document.querySelector(".d-page .w-form");
                (form ? form.querySelector("input") : place("directory-new"))?.focus();
            },
            /** Keep a change and show what came of it. */
            async keep(method, path, sent) {
                await journal.request(`/api/directory/${path}`, { method, json: sent || {} });
                journal.toast(t("directory.kept"));
                await read();
            },
            tried: (promise) => promise.catch((error) => journal.toast(words(error), "error")),
        };

        const read = journal.coalesce(async () => {
            try {
                const answer = await journal.request("/api/directory/entries");
                if (!isHere()) return;
                entries = answer;
                draw();
            } catch (error) {
                if (isHere() && entries === null) fail(error);
                else if (isHere()) journal.toast(words(error), "error");
            }
        });
        // What somebody is typing stays as it is.
        const isBusy = () => desk.opened !== null || place("directory-list").contains(document.activeElement);
        journal.hints({ directory: () => !isBusy() && read() });
        state.onChange(() => {
            desk.opened = null;
            wanted = "";
            draw();
        });
        bar();
        read();

        function bar() {
            const held = document.activeElement?.dataset.tab;
            journal.fill(
                place("directory-tabs"),
                el(
                    "div",
                    { class: "segmented d-tabs", role: "group", "aria-label": t("directory.parts") },
                    TABS.map((name) =>
                        el(
                            "button",
                            {
                                type: "button",
                                "data-tab": name,
                                "aria-pressed": String(name === chosen()),
                                onclick: () => state.set({ tab: name === TABS[0] ? null : name }),
                            },
                            t(`directory.tab.${name}`),
                        ),
                    ),
                ),
            );
            if (held) place("directory-tabs").querySelector(`[data-tab="${held}"]`)?.focus();
            const [box, tab] = [".d-tabs", "[aria-pressed=true]"].map((part) => place("directory-tabs").querySelector(part));
            box.scrollLeft = tab.offsetLeft - box.offsetLeft - box.clientWidth / 3;
        }

        function draw() {
            bar();
            if (entries === null) return;
            const tab = tabs[chosen()];
            const held = holder();
            const count = tab.count(entries);
            place("directory-count").textContent = count ? journal.number(count) : "";
            journal.fill(
                place("directory-tools"),
                tab.add &&
                    el(
                        "button",
                        { type: "button", class: "button is-primary", id: "directory-new", onclick: () => desk.open(NEW) },
                        journal.icon("plus-lg"),
                        t(tab.add),
                    ),
            );
            journal.fill(place("directory-form"), desk.opened === NEW && el("div", { class: "card-box w-box" }, tab.form(entries, desk)));
            const all = tab.rows(entries, desk);
            const rows = all.filter((row) => row.text.toLowerCase().includes(wanted));
            journal.fill(
                place("directory-list"),
                tab.note && el("p", { class: "muted d-note" }, t(tab.note)),
                (all.length > SEARCHED || wanted) && search(),
                rows.length ? table(t(`directory.tab.${chosen()}`), tab.columns, rows) : empty(all.length > 0),
            );
            if (held) refocus(held);
        }

        /* Drawing anew must not take the cursor from somebody who walks by Tab. */
        function holder() {
            const active = document.activeElement;
            const line = active?.closest?.("#directory-list tr");
            if (active?.type === "search") return { isSearch: true };
            if (!line) return null;
            return { key: line.dataset.key, place: controls(line).indexOf(active) };
        }

        function refocus(held) {
            if (held.isSearch) return place("directory-list").querySelector("input[type=search]")?.focus();
            const line = [...place("directory-list").querySelectorAll("tr")].find((one) => one.dataset.key === held.key);
            if (line && desk.opened === null) controls(line)[held.place]?.focus();
        }

        function controls(line) {
            return [...line.querySelectorAll("input, select, button")].filter((one) => !one.hidden);
        }

        function search() {
            const control = el("input", {
                type: "search",
                class: "j-input w-search d-search",
                value: wanted,
                placeholder: t("directory.search"),
                "aria-label": t("directory.search"),
            });
            control.addEventListener(
                "input",
                journal.debounce(() => {
                    wanted = control.value.trim().toLowerCase();
                    draw();
                }, 150),
            );
            return control;
        }

        function empty(isSearched) {
            return el(
                "div",
                { class: "state" },
                journal.icon("inbox"),
                el("h2", {}, t(isSearched ? "directory.not-found" : `directory.empty.${chosen()}`)),
                el("p", {}, t(isSearched ? "directory.not-found.hint" : "directory.empty.hint")),
            );
        }

        function fail(error) {
            journal.fill(place("directory-list"), journal.failed(error, read));
        }
    }

    Object.assign((window.dash_clientside.directory = window.dash_clientside.directory || {}), {
        start(config) {
            start(config);
            return window.dash_clientside.no_update;
        },
    });
})();
