/* The list of clients: filters in the address, blocks behind cursors, and every state of it. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const clients = window.callboardClients;
    const { el, t } = journal;
    const FILTERS = ["q", "kind", "responsible", "tag"];
    const SORTS = { name: "name", changed: "-changed" };

    clients.page("startList", "clients", function (config, isHere) {
        const place = (id) => document.getElementById(id);
        const state = journal.state;
        let asked = null;

        tools();
        filters();
        read();
        journal.hints({ clients: journal.coalesce(() => read(true), 400) });
        journal.keyboard({
            "/": () => place("clients-search").focus(),
            n: () => config.rights.edit_clients && clients.create(),
            j: () => step(1),
            k: () => step(-1),
            ArrowDown: () => step(1),
            ArrowUp: () => step(-1),
            "g j": () => journal.go("/calls"),
            "g k": () => false,
        });

        function query() {
            const values = new URLSearchParams();
            for (const [name, value] of state.values()) {
                if ([...FILTERS, "sort", "after", "before"].includes(name)) values.set(name, value);
            }
            return values;
        }

        function change(values) {
            // Another filter or order begins with its first block.
            state.set({ after: null, before: null, ...values }, true);
            filters();
            read();
        }

        async function read(quietly) {
            const list = place("clients-list");
            if (asked) asked.abort();
            const asking = (asked = new AbortController());
            if (!list.firstChild) journal.fill(list, clients.skeleton(10));
            else if (!quietly) list.classList.add("is-old");
            try {
                const page = await journal.request(`/api/clients?${query()}`, { signal: asking.signal });
                if (!isHere() || asking !== asked) return;
                draw(list, page);
                count(asking.signal);
            } catch (error) {
                if (error.name === "AbortError" || !isHere()) return;
                journal.fill(
                    list,
                    clients.failed(error, () => read()),
                );
            } finally {
                if (asking === asked) list.classList.remove("is-old");
            }
        }

        async function count(signal) {
            const values = query();
            for (const name of ["sort", "after", "before"]) values.delete(name);
            const answer = await journal.request(`/api/clients/count?${values}`, { signal }).catch(() => null);
            if (answer && isHere())
                place("clients-count").textContent = t("c.count", {
                    n: answer.count,
                    count: journal.number(answer.count),
                });
        }

        function draw(list, page) {
            if (!page.rows.length && (state.get("after") || state.get("before"))) return change({});
            if (!page.rows.length) return journal.fill(list, nobody());
            journal.fill(
                list,
                el(
                    "table",
                    { class: "c-table" },
                    el("thead", {}, el("tr", {}, heads())),
                    el("tbody", {}, page.rows.map(row)),
                ),
                pager(page),
            );
        }

        function nobody() {
            if (FILTERS.some((name) => state.get(name))) {
                const none = { q: null, kind: null, responsible: null, tag: null };
                return clients.empty(
                    "funnel",
                    t("c.none.filtered"),
                    t("c.none.filtered.hint"),
                    clients.button(t("filters.reset"), () => change(none), { class: "j-button is-primary" }),
                );
            }
            const may = config.rights.edit_clients;
            return clients.empty(
                "people",
                t("c.none"),
                t("c.none.hint"),
                may && clients.button(t("c.new"), () => clients.create(), { class: "j-button is-primary" }),
                may && clients.button(t("c.import"), () => journal.go("/clients/import")),
            );
        }

        function heads() {
            const sort = state.get("sort") || "name";
            const head = (key, words, extra) => {
                const first = SORTS[key];
                if (!first) return el("th", { scope: "col", class: extra }, words);
                const on = sort.replace("-", "") === key;
                const next = sort === first ? (first.startsWith("-") ? key : `-${key}`) : first;
                return el(
                    "th",
                    {
                        scope: "col",
                        class: extra,
                        "aria-sort": on ? (sort.startsWith("-") ? "descending" : "ascending") : "none",
                    },
                    el(
                        "button",
                        {
                            type: "button",
                            class: "c-sort",
                            onclick: () => change({ sort: next === "name" ? null : next }),
                        },
                        words,
                        on && journal.icon(sort.startsWith("-") ? "arrow-down-short" : "arrow-up-short"),
                    ),
                );
            };
            return [
                head("name", t("c.name")),
                head("", t("c.phones")),
                head("", t("c.people"), "c-wide"),
                head("", t("c.responsible"), "c-wide"),
                head("", t("c.tags"), "c-wide"),
                head("", t("c.last-call"), "c-middle"),
                head("changed", t("c.changed"), "c-wide"),
            ];
        }

        function row(one) {
            const more = one.numbers.length - 1;
            return el(
                "tr",
                {
                    onclick: (event) =>
                        event.target.closest("a, button") || journal.go(`/clients/${one.account_id}`),
                },
                el(
                    "th",
                    { scope: "row" },
                    el("span", { class: "c-name" }, clients.mark(one.kind), clients.link(one.account_id, one.name)),
                ),
                el(
                    "td",
                    { class: "number", title: one.numbers.join("\n") },
                    one.numbers[0] || "–",
                    one.numbers[0] && window.callboard.dialButton({ number: one.numbers[0] }),
                    more > 0 && el("span", { class: "c-more", "aria-label": t("c.more", { n: more }) }, `+${more}`),
                ),
                el("td", { class: "c-wide c-cut", title: one.people.join(", ") }, one.people.join(", ") || "–"),
                el("td", { class: "c-wide c-cut" }, one.responsible || "–"),
                el("td", { class: "c-wide c-cut" }, one.tags.length ? one.tags.map(clients.tag) : "–"),
                el("td", { class: "c-middle number" }, one.last_call_at ? journal.whenShort(one.last_call_at) : "–"),
                el("td", { class: "c-wide number" }, journal.whenShort(one.changed_at)),
            );
        }

        function pager(page) {
            const go = (values) => {
                state.set({ after: null, before: null, ...values }, true);
                read();
                place("clients-list").scrollIntoView({ block: "nearest" });
            };
            if (!page.before && !page.after) return null;
            return el(
                "nav",
                { class: "c-pager no-print", "aria-label": t("c.pages") },
                clients.button([journal.icon("skip-start-fill"), t("c.first")], () => go({}), {
                    disabled: !page.before,
                }),
                clients.button([journal.icon("chevron-left"), t("c.back")], () => go({ before: page.before }), {
                    disabled: !page.before,
                }),
                clients.button([t("c.next"), journal.icon("chevron-right")], () => go({ after: page.after }), {
                    disabled: !page.after,
                }),
            );
        }

        function step(by) {
            const links = [...place("clients-list").querySelectorAll("tbody th a")];
            const at = links.indexOf(document.activeElement);
            const next = links[at < 0 ? 0 : Math.min(Math.max(at + by, 0), links.length - 1)];
            if (next) next.focus();
        }

        function filters() {
            const root = place("clients-filters");
            if (root.contains(document.activeElement) && document.activeElement.id === "clients-search") {
                return; // somebody is typing: the field stays
            }
            const search = el("input", {
                id: "clients-search",
                type: "search",
                class: "j-search-input",
                placeholder: t("c.search"),
                "aria-label": t("c.search"),
                autocomplete: "off",
                maxlength: "200",
            });
            search.value = state.get("q") || "";
            search.addEventListener(
                "input",
                journal.debounce(() => isHere() && change({ q: search.value.trim() || null }), 220),
            );
            const kinds = [null, "organisation", "person"].map((kind) =>
                el(
                    "button",
                    {
                        type: "button",
                        class: "j-toggle",
                        "aria-pressed": String((state.get("kind") || null) === kind),
                        onclick: () => change({ kind }),
                    },
                    t(kind ? `c.kind.${kind}s` : "c.kind.all"),
                ),
            );
            const responsible = clients.choice(
                t("c.responsible"),
                state.get("responsible"),
                [
                    ["", t("c.responsible.any")],
                    ...(config.employee_id ? [[config.employee_id, t("c.responsible.me")]] : []),
                    ["none", t("c.responsible.none")],
                    ...config.employees
                        .filter((one) => one.id !== config.employee_id)
                        .map((one) => [one.id, one.title]),
                ],
                { onchange: (event) => change({ responsible: event.target.value || null }) },
            );
            const tag = clients.choice(
                t("c.tag"),
                state.get("tag"),
                [["", t("c.tag.any")], ...config.tags.map((title) => [title, title])],
                { onchange: (event) => change({ tag: event.target.value || null }) },
            );
            journal.fill(
                root,
                el(
                    "label",
                    { class: "j-control j-search c-search" },
                    journal.icon("search"),
                    search,
                    el("kbd", { "aria-hidden": "true" }, "/"),
                ),
                el("div", { class: "j-toggles", role: "group", "aria-label": t("c.kind") }, kinds),
                responsible.input,
                tag.input,
            );
        }

        function tools() {
            const rights = config.rights;
            const exports = journal.menu(
                clients.tool("download", t("c.export"), undefined, { disabled: !rights.export }),
                () =>
                    ["csv", "xlsx"].map((form) => ({
                        icon: "file-earmark-spreadsheet",
                        text: t(`export.${form}`),
                        action: () => {
                            const values = query();
                            values.delete("after");
                            values.delete("before");
                            const link = el("a", { href: `/api/clients/export.${form}?${values}`, download: "" });
                            document.body.append(link);
                            link.click();
                            link.remove();
                        },
                    })),
            );
            journal.fill(
                place("clients-tools"),
                rights.edit_clients &&
                    clients.tool("copy", t("c.duplicates"), () => journal.go("/clients/duplicates")),
                rights.edit_clients && clients.tool("upload", t("c.import"), () => journal.go("/clients/import")),
                exports.root,
                rights.edit_clients &&
                    clients.button([journal.icon("plus-lg"), t("c.new")], () => clients.create(), {
                        class: "j-button is-primary",
                    }),
            );
        }
    });

    /** A dialog that makes a client, with a number if one is typed, and opens the card. */
    clients.create = function () {
        clients.dialog(t("c.new"), (close) => {
            const name = clients.field(t("c.name"), "", { maxlength: "300", autofocus: true, required: true });
            const kind = clients.choice(t("c.kind"), "organisation", [
                ["organisation", t("c.kind.organisation")],
                ["person", t("c.kind.person")],
            ]);
            const number = clients.field(t("c.phone"), "", { type: "tel", placeholder: "+7 912 345-67-89" });
            const error = el("div", {});
            const save = el("button", { type: "submit", class: "j-button is-primary" }, t("c.create"));
            const form = el(
                "form",
                { class: "c-form" },
                name.root,
                kind.root,
                number.root,
                error,
                el("div", { class: "j-row" }, save, clients.button(t("cancel"), close)),
            );
            form.addEventListener("submit", (event) => {
                event.preventDefault();
                clients.act(save, () => send(), error);
            });
            return form;

            async function send() {
                const typed = number.value().trim();
                try {
                    const made = await journal.request("/api/clients", {
                        json: { name: name.value(), kind: kind.value(), number: typed },
                    });
                    close();
                    journal.go(`/clients/${made.account_id}`);
                } catch (problem) {
                    if (problem.status !== 409) throw problem;
                    const known = await clients.lookUp(typed);
                    journal.fill(
                        error,
                        el(
                            "p",
                            { class: "j-hint is-error", role: "alert" },
                            t("c.number.has-owner", { number: known.number_text }),
                            " ",
                            known.owner && clients.link(known.owner.account_id, known.owner.name),
                        ),
                    );
                }
            }
        });
    };
})();
