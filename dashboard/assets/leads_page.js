/* The page of leads: filters in the address, and responsible, state, result and comment changed in place. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;

    const PERIODS = ["today", "7d", "30d", "90d", "month", "quarter", "year"];
    const FATES = ["registered", "unregistered", "lost"];
    const WORKS = ["new", "active", "closed"];
    const RESULTS = ["sale", "refusal", "off_target", "spam"];
    const SOURCES = ["call", "chat", "hand"];
    const USUAL = "30d";
    const FILTERS = ["lead", "work", "result", "responsible", "source", "channel", "q"];

    function start(config) {
        journal.leave();
        journal.config = config;
        const place = (id) => document.getElementById(id);
        const isHere = () => journal.config === config && place("leads-list") !== null;
        const state = journal.state;
        const may = config.rights.comment;
        let people = [];
        let channels = [];
        let saving = 0;
        if (!isHere()) return;

        const read = journal.coalesce(async () => {
            try {
                const answer = await journal.request(`/api/leads?${state.values()}`);
                if (isHere()) draw(answer);
            } catch (error) {
                if (isHere()) fail(error);
            }
        });
        const changed = () => (bar(), read());
        state.onChange(changed);
        // While somebody types or chooses, the table stays as it is.
        const isBusy = () => saving > 0 || place("leads-list").contains(document.activeElement);
        journal.hints({
            leads: () => !isBusy() && read(),
            clients: () => !isBusy() && read(),
            calls: () => !isBusy() && read(),
        });
        tools();
        bar();
        journal
            .request("/api/directory")
            .then((answer) => {
                people = answer.employee;
                channels = answer.channel;
                if (isHere()) bar();
            })
            .catch(() => {})
            .then(read);

        function tools() {
            journal.fill(
                place("leads-tools"),
                journal.button("link-45deg", t("copy-link"), () =>
                    navigator.clipboard.writeText(window.location.href).then(() => journal.toast(t("link-copied"))),
                ),
                config.rights.reports &&
                    journal.button("bar-chart", t("leads.report"), () => journal.go("/analytics/leads")),
                may &&
                    el(
                        "button",
                        { type: "button", class: "button is-primary", onclick: add },
                        journal.icon("plus-lg"),
                        t("leads.new"),
                    ),
            );
        }

        /* ------------------------------------------------------------ filters */
        function bar() {
            const held = document.activeElement && document.activeElement.dataset.filter;
            const own = state.get("from") || state.get("to");
            journal.fill(
                place("leads-filters"),
                select(
                    "period",
                    [...(own ? [["", ownPeriod()]] : []), ...PERIODS.map((name) => [name, t(`leads.period.${name}`)])],
                    own ? "" : state.get("period") || USUAL,
                    (value) => value && set({ period: value === USUAL ? null : value, from: null, to: null }),
                ),
                filter("lead", FATES.map((name) => [name, t(`leads.fate.${name}`)])),
                filter("work", WORKS.map((name) => [name, t(`leads.work.${name}`)])),
                filter("result", [["none", t("leads.result.none")], ...RESULTS.map((name) => [name, t(`leads.result.${name}`)])]),
                filter("responsible", [["none", t("leads.nobody")], ...people.map((one) => [one.id, one.title])]),
                filter("source", SOURCES.map((name) => [name, t(`leads.source.${name}`)])),
                channels.length > 0 && filter("channel", channels.map((one) => [one.id, one.title])),
                search(),
                FILTERS.some((name) => state.get(name)) &&
                    el("button", { type: "button", class: "j-link", onclick: clear }, t("leads.clear")),
            );
            if (held) place("leads-filters").querySelector(`[data-filter="${held}"]`)?.focus();
        }

        /* What became of a lead depends on later calls and cards: as of now, of the end of the period, of a link's moment. */
        function moment() {
            const chosen = state.get("asof") || "";
            const own = !["", "end"].includes(chosen) && [[chosen, t("leads.asof", { when: momentText(chosen) })]];
            return select(
                "asof",
                [["", t("leads.asof.now")], ["end", t("leads.asof.end")], ...(own || [])],
                chosen,
                (value) => set({ asof: value || null }),
            );
        }

        function momentText(value) {
            return value.includes("T") ? journal.when(value) : journal.dayText(value.slice(0, 10));
        }

        function ownPeriod() {
            return [state.get("from"), state.get("to")].map((day) => (day ? journal.dayText(day.slice(0, 10)) : "…")).join(" – ");
        }

        function set(values) {
            state.set({ ...values, page: null });
        }

        function clear() {
            set(Object.fromEntries(FILTERS.map((name) => [name, null])));
        }

        function filter(name, options) {
            return select(name, [["", t(`leads.filter.${name}`)], ...options], state.get(name) || "", (value) =>
                set({ [name]: value || null }),
            );
        }

        function select(name, options, chosen, onchange) {
            const control = el(
                "select",
                { class: `j-input w-filter${chosen && name !== "period" ? " is-on" : ""}`, "aria-label": t(`leads.filter.${name}`), "data-filter": name },
                options.map(([value, title]) => el("option", { value, selected: value === chosen }, title)),
            );
            control.addEventListener("change", () => onchange(control.value));
            return control;
        }

        function search() {
            const input = el("input", {
                type: "search",
                class: "j-input w-search",
                "data-filter": "q",
                placeholder: t("leads.search"),
                "aria-label": t("leads.search"),
                value: state.get("q") || "",
            });
            const later = journal.debounce(() => {
                state.set({ q: input.value.trim() || null, page: null }, true);
                read();
            }, 250);
            input.addEventListener("input", later);
            return input;
        }

        /* ------------------------------------------------------------ the list */
        function draw(answer) {
            const { totals } = answer;
            const held = document.activeElement && document.activeElement.dataset.filter === "asof";
            place("leads-count").textContent = totals.listed ? journal.number(totals.listed) : "";
            journal.fill(
                place("leads-totals"),
                FATES.map((name) =>
                    el(
                        "button",
                        {
                            type: "button",
                            class: `pill is-${name === "lost" ? "lost" : name === "registered" ? "reached" : "cancelled"} w-total`,
                            "aria-pressed": String(state.get("lead") === name),
                            onclick: () => set({ lead: state.get("lead") === name ? null : name }),
                        },
                        `${t(`leads.fate.${name}`)}: ${journal.number(totals[name])}`,
                    ),
                ),
                el("span", { class: "j-hint", id: "leads-counted" }, t("leads.counted", { n: journal.number(totals.leads) })),
                moment(),
            );
            if (held) place("leads-totals").querySelector("[data-filter=asof]").focus();
            if (!answer.leads.length) {
                journal.fill(
                    place("leads-list"),
                    el(
                        "div",
                        { class: "state" },
                        journal.icon("person-plus"),
                        el("h2", {}, t("leads.empty")),
                        el("p", {}, t("leads.empty-hint")),
                        FILTERS.some((name) => state.get(name)) &&
                            el("button", { type: "button", class: "button", onclick: clear }, t("leads.clear")),
                    ),
                );
                return;
            }
            journal.fill(
                place("leads-list"),
                el(
                    "div",
                    { class: "card-box w-table-box", tabindex: "0", role: "region", "aria-label": t("leads.list") },
                    el(
                        "table",
                        { class: "w-table" },
                        el(
                            "thead",
                            {},
                            el(
                                "tr",
                                {},
                                ["when", "who", "channel", "fate", "responsible", "work", "result", "comment"].map((name) =>
                                    el("th", { scope: "col" }, t(`leads.column.${name}`)),
                                ),
                            ),
                        ),
                        el("tbody", {}, answer.leads.map(row)),
                    ),
                ),
                answer.pages > 1 && pages(answer),
            );
        }

        function row(lead) {
            const line = el("tr", { "data-lead": lead.key });
            journal.fill(
                line,
                el("td", { class: "number" }, when(lead)),
                el("td", {}, who(lead)),
                el("td", {}, lead.channel || t(`leads.source.${lead.source}`)),
                el("td", { class: "w-fate" }, fate(lead)),
                el("td", { "data-label": t("leads.column.responsible") }, choose(lead, line, "responsible_id", [["", "–"], ...people.map((one) => [one.id, one.title])])),
                el("td", { "data-label": t("leads.column.work") }, choose(lead, line, "work", WORKS.map((name) => [name, t(`leads.work.${name}`)]))),
                el("td", { "data-label": t("leads.column.result") }, choose(lead, line, "result", [["", "–"], ...RESULTS.map((name) => [name, t(`leads.result.${name}`)])])),
                el("td", {}, write(lead, line)),
            );
            return line;
        }

        function when(lead) {
            const words = journal.when(lead.found_at);
            return lead.call_id ? link(`/calls/${encodeURIComponent(lead.call_id)}`, words) : words;
        }

        function who(lead) {
            if (lead.account_id) return link(`/clients/${lead.account_id}`, lead.client || lead.number_text);
            if (!lead.number_text) return lead.name || t("hidden-number");
            const call = window.callboard.dialButton({ number: lead.number_text });
            const number = el("div", { class: "number w-number" }, lead.number_text, call);
            return lead.name ? [lead.name, number] : number;
        }

        function link(path, words) {
            return el(
                "a",
                {
                    href: path,
                    onclick(event) {
                        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                        event.preventDefault();
                        journal.go(path);
                    },
                },
                words,
            );
        }

        function fate(lead) {
            const kind = { registered: "reached", unregistered: "cancelled", lost: "lost" }[lead.fate];
            const icon = { registered: "check-circle", unregistered: "circle", lost: "person-exclamation" }[lead.fate];
            return el("span", { class: `pill is-${kind}` }, journal.icon(icon), t(`leads.fate.${lead.fate}`));
        }

        function choose(lead, line, name, options) {
            const present = lead[name] || "";
            if (!may) return (options.find(([value]) => value === present) || ["", "–"])[1];
            if (name === "responsible_id" && present && !people.some((one) => one.id === present))
                options.push([present, lead.responsible || present]);
            const control = el(
                "select",
                { class: "j-input w-edit", "aria-label": `${t(`leads.column.${name === "responsible_id" ? "responsible" : name}`)}: ${plain(lead)}`, "data-field": name },
                options.map(([value, title]) => el("option", { value, selected: value === present }, title)),
            );
            control.addEventListener("change", () => save(lead, line, control, name, control.value));
            return control;
        }

        function write(lead, line) {
            if (!may) return lead.comment || "";
            const control = el("input", {
                type: "text",
                class: "j-input w-edit",
                maxlength: 10000,
                value: lead.comment || "",
                placeholder: t("leads.comment"),
                "aria-label": `${t("leads.column.comment")}: ${plain(lead)}`,
                "data-field": "comment",
            });
            control.addEventListener("change", () => save(lead, line, control, "comment", control.value));
            control.addEventListener("keydown", (event) => event.key === "Enter" && control.blur());
            return control;
        }

        const plain = (lead) => lead.client || lead.name || lead.number_text || lead.key;

        /* At once on the screen; where the server refuses, back to what it was, with the reason. */
        async function save(lead, line, control, name, value) {
            saving += 1;
            line.classList.add("is-saving");
            try {
                const kept = await journal.request(`/api/leads/${encodeURIComponent(lead.key)}`, {
                    method: "PATCH",
                    json: { version: lead.version, [name]: value || null },
                });
                lead.version = kept.version;
                lead[name] = value || null;
            } catch (error) {
                control.value = lead[name] || "";
                journal.toast(error.message, "error");
                if (error.status === 409) read();
            } finally {
                saving -= 1;
                line.classList.remove("is-saving");
            }
        }

        function pages(answer) {
            const go = (page) => () => state.set({ page: page > 1 ? page : null });
            return el(
                "nav",
                { class: "w-pages", "aria-label": t("leads.pages") },
                journal.button("chevron-left", t("leads.newer"), go(answer.page - 1), { disabled: answer.page <= 1 }),
                el("span", { class: "j-hint number" }, t("leads.page", { page: answer.page, pages: answer.pages })),
                journal.button("chevron-right", t("leads.older"), go(answer.page + 1), { disabled: answer.page >= answer.pages }),
            );
        }

        /* ------------------------------------------------------------ by hand */
        function add() {
            const name = el("input", { type: "text", class: "j-input", maxlength: 300, "aria-label": t("leads.name"), placeholder: t("leads.name") });
            const number = el("input", { type: "tel", class: "j-input", maxlength: 100, "aria-label": t("leads.number"), placeholder: t("leads.number") });
            const trouble = el("p", { class: "j-hint is-error", role: "alert", hidden: true });
            const close = () => place("leads-form").replaceChildren();
            const form = el(
                "form",
                { class: "card-box w-box w-form", onsubmit: send },
                el("div", { class: "w-pair" }, name, number),
                trouble,
                el(
                    "div",
                    { class: "w-actions" },
                    el("button", { type: "submit", class: "j-button is-primary" }, t("leads.save")),
                    el("button", { type: "button", class: "j-button", onclick: close }, t("leads.cancel")),
                ),
            );
            journal.fill(place("leads-form"), form);
            name.focus();

            async function send(event) {
                event.preventDefault();
                trouble.hidden = true;
                try {
                    await journal.request("/api/leads", { json: { name: name.value, number: number.value } });
                    close();
                    journal.toast(t("leads.made"));
                    read();
                } catch (error) {
                    trouble.textContent = error.message;
                    trouble.hidden = false;
                }
            }
        }

        function fail(error) {
            journal.fill(place("leads-list"), journal.failed(error, read));
        }
    }

    Object.assign((window.dash_clientside.leads = window.dash_clientside.leads || {}), {
        start(config) {
            start(config);
            return window.dash_clientside.no_update;
        },
    });
})();
