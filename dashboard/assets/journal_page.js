/* The journal page: starts its parts when the page is shown, and undoes them when it is left. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;
    const state = journal.state;
    const RUNNING_SHOWN = 5; // more would push the journal itself off the screen

    /** Called by the page with its settings whenever it is laid out. */
    journal.startPage = async function (config) {
        journal.leave();
        journal.config = config;
        const place = (id) => document.getElementById(id);
        const api = await gridApi("journal-grid");
        if (!api || !place("journal") || journal.config !== config) return;
        const shell = place("journal");
        const panel = new journal.Panel(place("journal-panel"), {
            closed: () => closePanel(),
            changed: (callId, fields) => grid.patch(callId, fields),
            attached: () => grid.renew(),
        });
        const filters = journal.filterBar(place("journal-filters"), { toRows: () => grid.step(1) });
        const chip = place("journal-chip");
        const grid = new journal.Grid(api, place("journal-list"), place("journal-note"), {
            chosen: (row) => choose(row),
            opened: (row) => open(row),
            count: (count) => showCount(count),
            arrived: (count) => showChip(count),
            settled: () => {},
        });
        const many = new journal.Many(api, place("journal-many"), (callId, fields) => grid.patch(callId, fields));
        const running = journal.coalesce(async () => {
            const calls = await journal.runningCalls().catch(() => null);
            if (calls && !api.isDestroyed()) showRunning(calls);
        }, 500);
        const rows = journal.coalesce(() => grid.changed(), 30);

        const print = journal.printing(api, place("journal"));

        tools(place("journal-tools"));
        journal.startClocks();
        state.onChange(() => {
            many.clear();
            grid.reload();
            running();
        });
        journal.hints({
            calls: (ids) => {
                rows();
                running();
                if (concerns(ids)) panel.refresh();
            },
            live: () => running(),
            comments: (ids) => {
                rows();
                if (concerns(ids)) panel.refresh();
            },
            clients: () => {
                rows();
                panel.refresh();
            },
        });
        journal.listen(window, "online", () => grid.retry());
        keyboard();
        running();
        fold(journal.recall("folded", false));
        if (state.selected()) panel.show({ call_id: state.selected() });
        window.callboardJournal.current = { grid, panel, filters };

        // Who sees his own calls only hears no ids: it may be any call.
        function concerns(ids) {
            return !ids.length || ids.includes(panel.callId);
        }

        function choose(row) {
            if (row.running) return open(row);
            state.select(row.call_id);
            if (shell.classList.contains("is-folded") && !journal.isNarrow()) fold(false);
            panel.show(row);
        }

        function open(row) {
            if (!row.running) journal.go(`/calls/${encodeURIComponent(row.call_id)}`);
        }

        function closePanel() {
            state.select(null);
            api.deselectAll();
            panel.empty();
            if (!journal.isNarrow()) fold(true);
        }

        function fold(on) {
            shell.classList.toggle("is-folded", on);
            journal.remember("folded", on);
            const button = place("journal-fold");
            if (button) button.setAttribute("aria-pressed", String(!on));
        }

        function showCount(count) {
            const node = place("journal-count");
            if (!node) return; // the page was left meanwhile
            if (count === undefined) node.textContent = "";
            else if (count === null) node.classList.add("is-old");
            else {
                node.textContent = t("count", { n: count, count: journal.number(count) });
                node.classList.remove("is-old");
            }
        }

        /* Of many running calls the first ones stand over the list, and all of them where somebody asks for it. */
        function showRunning(calls) {
            const many = calls.length > RUNNING_SHOWN;
            const all = journal.recall("running-all", false);
            grid.showRunning(all ? calls : calls.slice(0, RUNNING_SHOWN));
            const node = place("journal-running");
            node.hidden = !many;
            if (!many) return;
            const toggle = () => {
                journal.remember("running-all", !all);
                showRunning(calls);
            };
            const text = t("running", { n: calls.length });
            const button = node.firstElementChild || el("button", { type: "button", class: "j-running-count" });
            button.onclick = toggle;
            button.setAttribute("aria-expanded", String(all));
            button.textContent = text;
            if (!button.isConnected) node.append(button);
        }

        function showChip(count) {
            chip.hidden = !count;
            if (!count) return;
            const n = Number.parseInt(count, 10);
            journal.fill(
                chip,
                el(
                    "button",
                    { type: "button", class: "j-chip-new", onclick: () => grid.showNew() },
                    journal.icon("arrow-up-short"),
                    t("new-calls", { n, count }),
                ),
            );
        }

        function tools(root) {
            const columns = journal.menu(
                el(
                    "button",
                    { type: "button", class: "j-icon-button", title: t("columns"), "aria-label": t("columns") },
                    journal.icon("columns-gap"),
                ),
                () => [
                    ...api
                        .getColumns()
                        .filter((column) => column.getColDef().headerName)
                        .map((column) => ({
                            icon: column.isVisible() ? "check2" : "dot",
                            text: column.getColDef().headerName,
                            on: column.isVisible(),
                            stays: true,
                            action: () => api.setColumnsVisible([column], !column.isVisible()),
                        })),
                    null,
                    density("normal"),
                    density("compact"),
                    null,
                    {
                        icon: "arrow-counterclockwise",
                        text: t("columns.reset"),
                        action: () => (api.resetColumnState(), journal.remember("columns", null)),
                    },
                ],
            );
            const exports = journal.menu(
                el(
                    "button",
                    {
                        type: "button",
                        class: "j-icon-button",
                        title: t("export"),
                        "aria-label": t("export"),
                        disabled: !config.rights.export,
                    },
                    journal.icon("download"),
                ),
                () =>
                    ["csv", "xlsx", "parquet"].map((format) => ({
                        icon: format === "parquet" ? "database-exclamation" : "file-earmark-spreadsheet",
                        text: t(`export.${format}`),
                        action: () => journal.exportRows(format),
                    })),
            );
            const views = journal.views();
            journal.fill(
                root,
                views.root,
                journal.button("link-45deg", t("copy-link"), () =>
                    navigator.clipboard.writeText(state.link()).then(() => journal.toast(t("link-copied"))),
                ),
                exports.root,
                journal.button("printer", t("print"), () => print(), { class: "j-icon-button j-wide-only" }),
                columns.root,
                journal.button("keyboard", t("keys"), () => journal.showKeys(), { class: "j-icon-button j-wide-only" }),
                journal.button(
                    "layout-sidebar-reverse",
                    t("panel.fold"),
                    () => fold(!shell.classList.contains("is-folded")),
                    {
                        id: "journal-fold",
                        class: "j-icon-button j-wide-only",
                        "aria-pressed": "true",
                    },
                ),
            );
        }

        function density(name) {
            const on = journal.recall("density", "normal") === name;
            return {
                icon: on ? "check2" : "dot",
                text: t(`density.${name}`),
                on,
                stays: true,
                action: () => grid.density(name),
            };
        }

        function mark() {
            const row = grid.selectedRow();
            if (row && !row.running) many.toggle(row, api.getRowNode(row.call_id).rowIndex, false);
        }

        function keyboard() {
            const player = () => panel.player || { toggle() {}, leap() {}, faster() {} };
            journal.keyboard({
                "/": () => filters.focusSearch(),
                j: () => grid.step(1),
                k: () => grid.step(-1),
                ArrowDown: () => grid.step(1),
                ArrowUp: () => grid.step(-1),
                Enter: () => grid.selectedRow() && open(grid.selectedRow()),
                " ": () => panel.togglePlay(),
                ArrowLeft: () => player().leap(-10),
                ArrowRight: () => player().leap(10),
                "<": () => player().faster(-1),
                ">": () => player().faster(1),
                c: () => panel.comment && panel.comment.field.focus(),
                p: () => fold(!shell.classList.contains("is-folded")),
                x: () => mark(),
                Escape: () => many.clear() || (state.selected() ? closePanel() : false),
                "g j": () => journal.go("/calls"),
                "g c": () => journal.go("/chats"),
                "g s": () => journal.go("/analytics/calls"),
                "?": () => journal.showKeys(),
            });
        }
    };

    /* The API of the grid on the page, once its component has given it a datasource of its own: ours must come
       last, or no row is ever asked for. Coming back to the page, the former grid is known for a while. */
    async function gridApi(id) {
        for (;;) {
            const known = await window.dash_ag_grid.getApiAsync(id);
            if (!known.isDestroyed() && known.getGridOption("datasource")) return known;
            await new Promise((done) => setTimeout(done, 10));
            if (!document.getElementById("journal")) return null;
        }
    }

    Object.assign((window.dash_clientside.journal = window.dash_clientside.journal || {}), {
        startPage(config) {
            journal.startPage(config);
            return window.dash_clientside.no_update;
        },
    });

    /** Log in again, and come back to exactly this address. */
    journal.signIn = function () {
        const here = window.location.pathname + window.location.search;
        window.location.assign(`/login?next=${encodeURIComponent(here)}`);
    };
})();
