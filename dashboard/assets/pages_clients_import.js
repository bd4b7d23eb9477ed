/* Clients from a file, step by step: choose, say what is what, look, take, and what was left out. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const clients = window.callboardClients;
    const { el, t } = journal;
    const PATH = "/api/clients/imports";
    const ASK_AGAIN_MS = 400;
    const MOST_SHOWN = 8; // bad rows; all are in the file
    const FIELDS = [
        "name",
        "external_id",
        "kind",
        "phone",
        "email",
        "messenger",
        "contact",
        "position",
        "responsible",
        "tags",
        "notes",
    ];

    clients.page("startImport", "import-steps", function (config, isHere) {
        const root = document.getElementById("import-steps");
        journal.keyboard({ "g k": () => journal.go("/clients") });
        choose();

        function choose(problem) {
            const input = el("input", {
                type: "file",
                class: "visually-hidden",
                accept: ".csv,.txt,.xlsx,text/csv",
                "aria-label": t("c.import.choose"),
            });
            const drop = el(
                "label",
                { class: "c-drop" },
                journal.icon("upload"),
                el("strong", {}, t("c.import.drop")),
                el("span", {}, t("c.import.choose.hint")),
                input,
            );
            input.addEventListener("change", () => input.files[0] && send(input.files[0]));
            for (const type of ["dragover", "dragleave", "drop"]) {
                drop.addEventListener(type, (event) => {
                    event.preventDefault();
                    drop.classList.toggle("is-over", type === "dragover");
                });
            }
            drop.addEventListener("drop", (event) => {
                const [file] = event.dataTransfer.files;
                if (file) send(file);
            });
            journal.fill(
                root,
                step(
                    el("h2", {}, t("c.import.choose")),
                    problem && el("div", { class: "notice is-bad", role: "alert" }, problem),
                    drop,
                ),
            );
        }

        async function send(file) {
            journal.fill(root, step(el("p", { role: "status" }, t("c.import.reading"))));
            try {
                const query = new URLSearchParams({ name: file.name });
                const answer = await window.callboard.fetch(`${PATH}?${query}`, {
                    method: "POST",
                    body: file,
                    headers: { "Content-Type": "application/octet-stream", Accept: "application/json" },
                });
                const found = await answer.json();
                if (!isHere()) return;
                if (answer.ok) columns(found, found.guess);
                else choose(found.message);
            } catch {
                if (isHere()) choose(t("request-failed"));
            }
        }

        function columns(found, mapped, problem) {
            const selects = found.columns.map((title, place) =>
                clients.choice(title || `${place + 1}`, mapped[place] || "", [
                    ["", t("c.import.ignore")],
                    ...FIELDS.map((name) => [name, t(`c.import.field.${name}`)]),
                ]),
            );
            const error = el("div", {}, problem && el("p", { class: "j-hint is-error", role: "alert" }, problem));
            const go = clients.button(t("c.import.check"), () => clients.act(go, check, error), {
                class: "j-button is-primary",
            });
            journal.fill(
                root,
                step(
                    el("h2", {}, t("c.import.columns")),
                    el("p", { class: "j-hint" }, about(found)),
                    el("p", { class: "j-hint" }, t("c.import.columns.hint")),
                    el(
                        "div",
                        { class: "c-scroll", tabindex: "0", role: "region", "aria-label": t("c.import.sample") },
                        el(
                            "table",
                            { class: "c-table c-import-columns" },
                            el(
                                "thead",
                                {},
                                el(
                                    "tr",
                                    {},
                                    ["c.import.column", "c.import.example", "c.import.columns"].map((key) =>
                                        el("th", { scope: "col" }, t(key)),
                                    ),
                                ),
                            ),
                            el(
                                "tbody",
                                {},
                                found.columns.map((title, place) =>
                                    el(
                                        "tr",
                                        {},
                                        el("th", { scope: "row" }, title || "–"),
                                        el(
                                            "td",
                                            { class: "j-hint c-cut" },
                                            (found.first.find((row) => row[place]) || [])[place] || "–",
                                        ),
                                        el("td", {}, selects[place].input),
                                    ),
                                ),
                            ),
                        ),
                    ),
                    error,
                    el("div", { class: "j-row" }, go, again()),
                ),
            );

            async function check() {
                const chosen = {};
                for (const [place, select] of selects.entries())
                    if (select.value()) chosen[place] = select.value();
                await journal.request(`${PATH}/${found.import_id}/check`, { json: { columns: chosen } });
                follow(found.import_id, chosen);
            }
        }

        /* Ask until the thread has come to an end. */
        async function follow(id, chosen) {
            const bar = el("progress", { class: "c-progress", max: "1", value: "0" });
            const words = el("p", { role: "status" });
            const stop = clients.button(t("c.import.cancel"), () =>
                clients.act(stop, () => journal.request(`${PATH}/${id}/stop`, { json: {} })),
            );
            journal.fill(root, step(words, bar, el("div", { class: "j-row" }, stop)));
            for (;;) {
                let found;
                try {
                    found = await journal.request(`${PATH}/${id}`);
                } catch (error) {
                    if (isHere()) choose(error.message);
                    return;
                }
                if (!isHere()) return;
                bar.max = Math.max(found.total, 1);
                bar.value = found.done;
                words.textContent =
                    found.stage === "checking"
                        ? `${t("c.import.checking")} ${journal.number(found.done)} / ${journal.number(found.total)}`
                        : t("c.import.progress", {
                              done: journal.number(found.done),
                              total: journal.number(found.total),
                          });
                if (found.stage === "checked") return look(found, chosen);
                if (["done", "stopped", "failed"].includes(found.stage)) return end(found, chosen);
                await new Promise((done) => setTimeout(done, ASK_AGAIN_MS));
                if (!isHere()) return;
            }
        }

        function look(found, chosen) {
            const error = el("div", {});
            const useful = found.counts.new + found.counts.updated;
            const go = run(t("c.import.go"), found, chosen, error, { disabled: !useful });
            journal.fill(
                root,
                step(
                    el("h2", {}, t("c.import.checked", count(found.total))),
                    el("p", { class: "j-hint" }, about(found)),
                    counts(found, ""),
                    sample(found),
                    bad(found),
                    error,
                    el(
                        "div",
                        { class: "j-row" },
                        go,
                        clients.button(t("c.back"), () => columns(found, chosen)),
                        again(),
                    ),
                ),
            );
        }

        function end(found, chosen) {
            const title =
                found.stage === "failed"
                    ? t("c.import.failed", { why: found.why })
                    : t(found.stage === "done" ? "c.import.done" : "c.import.done.stopped");
            const error = el("div", {});
            const isDone = found.stage === "done";
            journal.fill(
                root,
                step(
                    el("div", { role: "status" }, el("h2", {}, title)),
                    el("p", { class: "j-hint" }, about(found)),
                    counts(found, "-done"),
                    bad(found),
                    error,
                    el(
                        "div",
                        { class: "j-row" },
                        !isDone && run(t("c.import.continue"), found, chosen, error),
                        clients.button(t("c.import.to-list"), () => journal.go("/clients"), {
                            class: isDone ? "j-button is-primary" : "j-button",
                        }),
                        !isDone && clients.button(t("c.back"), () => columns(found, chosen)),
                        again(),
                    ),
                ),
            );
        }

        /* A button that takes the rows, from the beginning or from where they were stopped. */
        function run(words, found, chosen, error, more) {
            const go = clients.button(
                words,
                () =>
                    clients.act(
                        go,
                        async () => {
                            await journal.request(`${PATH}/${found.import_id}/run`, { json: {} });
                            follow(found.import_id, chosen);
                        },
                        error,
                    ),
                { class: "j-button is-primary", ...more },
            );
            return go;
        }

        function sample(found) {
            if (!found.sample.length) return null;
            const told = (one) => [
                one.name,
                one.external_id,
                one.phones.join(", "),
                one.emails.join(", "),
                one.contact,
                one.tags.join(", "),
            ];
            const heads = ["c.name", "c.external-id", "c.phones", "c.emails", "c.people", "c.tags"];
            return [
                el("h3", {}, t("c.import.sample")),
                el(
                    "div",
                    { class: "c-scroll" },
                    el(
                        "table",
                        { class: "c-table" },
                        el("thead", {}, el("tr", {}, heads.map((key) => el("th", { scope: "col" }, t(key))))),
                        el(
                            "tbody",
                            {},
                            found.sample.map((one) =>
                                el("tr", {}, told(one).map((text) => el("td", { class: "number" }, text || "–"))),
                            ),
                        ),
                    ),
                ),
            ];
        }

        function bad(found) {
            if (!found.counts.bad) return null;
            const more = found.counts.bad - Math.min(found.bad.length, MOST_SHOWN);
            return [
                el(
                    "ol",
                    { class: "c-lines" },
                    found.bad
                        .slice(0, MOST_SHOWN)
                        .map((one) =>
                            el(
                                "li",
                                {},
                                el("span", { class: "j-hint number" }, t("c.import.line", { line: one.line })),
                                el("span", {}, one.why),
                            ),
                        ),
                ),
                more > 0 && el("p", { class: "j-hint" }, t("c.import.bad-more", { count: journal.number(more) })),
                el(
                    "a",
                    { class: "j-button", href: `${PATH}/${found.import_id}/bad.csv`, download: "" },
                    journal.icon("download"),
                    t("c.import.bad-download"),
                ),
            ];
        }

        /* What will be, or with the ending "-done" what was. */
        function counts(found, ending) {
            const lines = [
                ["new", found.counts.new],
                [`updated${ending}`, found.counts.updated],
                ["same", found.counts.same],
                [`bad${ending}`, found.counts.bad],
            ];
            return el(
                "ul",
                { class: "c-counts" },
                lines
                    .filter(([, n]) => n)
                    .map(([key, n]) => el("li", { class: key.startsWith("bad") ? "is-bad" : "" }, t(`c.import.${key}`, count(n)))),
            );
        }

        function count(n) {
            return { n, count: journal.number(n) };
        }

        function about(found) {
            return t("c.import.file", { name: found.name, count: journal.number(found.total) });
        }

        function again() {
            return clients.button(t("c.import.again"), () => choose());
        }

        function step(...content) {
            return el("div", { class: "c-step" }, content);
        }
    });
})();
