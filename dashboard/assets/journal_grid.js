/* The list of calls: ties the grid to its datasource, and shows each state of it where the rows stand. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;
    const state = journal.state;
    const BLOCK = 100; // rows, as in dashboard/components/grid.py

    /**
     * api: the grid's; note: the element over the rows for empty and error.
     * events: chosen(row), opened(row), count(n or null), arrived(n), settled(page).
     */
    journal.Grid = class {
        constructor(api, shell, note, events) {
            this.api = api;
            this.shell = shell;
            this.note = note;
            this.events = events;
            this.known = new Set(); // ids of the newest rows that the user has seen
            this.arrived = 0;
            this.counting = null;
            this.wanted = null; // index of a row to choose as soon as it is there
            this.source = new journal.CallSource(() => state.filters().toString(), {
                loading: () => this.busy(true),
                loaded: (page, start, last) => this.loaded(page, start, last),
                failed: (error) => this.failed(error),
            });
            this.columns();
            this.bind();
            this.begin();
            api.setGridOption("datasource", this.source);
            this.count();
        }

        bind() {
            const api = this.api;
            const on = (name, action) => {
                api.addEventListener(name, action);
                journal.onLeave(() => api.isDestroyed() || api.removeEventListener(name, action));
            };
            const isMark = ({ event }) => Boolean(event && (event.isMark || event.target.closest('[col-id="mark"]')));
            on("rowClicked", (click) => click.data && !isMark(click) && this.choose(click.data));
            on("rowDoubleClicked", (click) => {
                if (click.data && !click.data.running && !isMark(click)) this.events.opened(click.data);
            });
            on("sortChanged", () => this.sorted());
            for (const name of ["columnResized", "columnMoved", "columnVisible"]) {
                on(
                    name,
                    journal.debounce(() => this.rememberColumns(), 400),
                );
            }
            on("bodyScrollEnd", () => this.atTop() && this.arrived && this.showNew());
        }

        /* -------------------------------------------------------------- rows */

        /** The newest rows are on their way; `settled` tells when they are there, or have failed. */
        begin() {
            if (this.settle) this.settle();
            this.settled = new Promise((done) => (this.settle = done));
        }

        /** Other filters: everything is read anew; what is shown stays, dimmed, until the first block is there. */
        reload() {
            this.begin();
            this.source.reset();
            this.hideNote();
            this.shell.classList.add("is-stale");
            this.api.ensureIndexVisible(0, "top");
            this.api.setGridOption("datasource", this.source);
            this.arrivedIs(0);
            this.count();
        }

        /** The newest calls: blocks that are shown stay until theirs arrive, so nothing blinks. */
        renew() {
            this.begin();
            this.source.reset(Math.ceil((this.api.getLastDisplayedRowIndex() + 1) / BLOCK));
            this.arrivedIs(0);
            this.api.refreshInfiniteCache();
            this.count();
        }

        /** Calls changed somewhere: renew quietly at the top, else count what is new. */
        async changed() {
            // One after the other: where calls change faster than rows are read, each hint would else
            // abort the reading that the last one began, and no row would ever come.
            await this.settled;
            await this.source.idle(); // the blocks below the first one, too
            if (this.atTop()) {
                this.renew();
                return this.settled;
            }
            if (state.get("sort") && state.get("sort") !== "-time") return;
            const query = state.filters();
            query.set("limit", "50");
            const page = await journal.request(`/api/calls?${query}`).catch(() => null);
            if (!page) return;
            const fresh = page.rows.filter((row) => !this.known.has(row.call_id));
            this.arrivedIs(fresh.length === page.rows.length && fresh.length ? `${fresh.length}+` : fresh.length);
        }

        showNew() {
            this.api.ensureIndexVisible(0, "top");
            this.renew();
        }

        loaded(page, start, last) {
            if (start === 0) {
                this.settle();
                const settled = page.rows.filter((row) => this.known.size && !this.known.has(row.call_id));
                this.known = new Set(page.rows.map((row) => row.call_id));
                this.flash(settled);
                if (!page.rows.length) this.empty();
                else this.hideNote();
                this.events.settled(page);
                
            }
            for (const row of page.rows) if (row.account_id) journal.clientNames.set(row.account_id, row.client);
            journal.onClientNames();
            this.busy(false);
            this.shell.classList.remove("is-stale");
            this.reselect();
            this.chooseWanted();
        }

        /* A row that has just come glows for a moment: quiet, and gone for who wants no motion. */
        flash(rows) {
            if (!rows.length || rows.length > 20) return;
            const ids = new Set(rows.map((row) => row.call_id));
            requestAnimationFrame(() => {
                for (const id of ids) {
                    for (const node of this.shell.querySelectorAll(`[row-id="${CSS.escape(id)}"]`)) {
                        node.classList.add("is-new");
                        setTimeout(() => node.classList.remove("is-new"), 2400);
                    }
                }
            });
        }

        arrivedIs(count) {
            this.arrived = count;
            this.events.arrived(count);
        }

        /* The count is a request of its own: rows never wait for it. */
        async count() {
            if (this.counting) this.counting.abort();
            const counting = (this.counting = new AbortController());
            const query = state.filters();
            this.events.count(null);
            try {
                const { count } = await journal.request(`/api/calls/count?${query}`, { signal: counting.signal });
                if (counting !== this.counting) return;
                this.events.count(count);
                if (count > this.api.getDisplayedRowCount() && !this.note.firstChild) this.api.setRowCount(count, true);
            } catch (error) {
                if (error.name !== "AbortError") this.events.count(undefined);
            }
        }

        atTop() {
            return this.api.getVerticalPixelRange().top < 4;
        }

        busy(on) {
            clearTimeout(this.slow);
            if (on) this.slow = setTimeout(() => this.shell.classList.add("is-loading"), 350);
            else this.shell.classList.remove("is-loading");
        }

        /* ------------------------------------------------------------ states */

        empty() {
            const filtered = state.isFiltered();
            this.say(
                el(
                    "div",
                    { class: "j-note" },
                    journal.icon(filtered ? "funnel" : "inbox"),
                    el("h2", {}, t(filtered ? "empty.filtered" : "empty.all")),
                    el("p", {}, t(filtered ? "empty.filtered.hint" : "empty.all.hint")),
                    filtered &&
                        el(
                            "button",
                            { type: "button", class: "j-button is-primary", onclick: () => state.clear() },
                            t("filters.reset"),
                        ),
                ),
            );
            this.events.count(0);
        }

        failed(error) {
            this.settle();
            this.busy(false);
            if (error.status === 401) return journal.signIn();
            const hasRows =
                this.shell.querySelector(".ag-row:not(.j-row-loading)") && !this.shell.classList.contains("is-stale");
            this.shell.classList.remove("is-stale");
            this.say(
                el(
                    "div",
                    { class: `j-note is-error ${hasRows ? "is-strip" : ""}`, role: "alert" },
                    journal.icon(error.status === 0 ? "wifi-off" : "exclamation-triangle"),
                    el("h2", {}, t(error.status === 0 ? "error.offline" : "error.rows")),
                    el("p", {}, error.message),
                    error.requestId && el("p", { class: "j-hint" }, t("request-id", { id: error.requestId })),
                    el(
                        "button",
                        { type: "button", class: "j-button is-primary", onclick: () => this.retry() },
                        t("retry"),
                    ),
                ),
            );
        }

        retry() {
            this.begin();
            this.hideNote();
            this.source.reset();
            this.api.setGridOption("datasource", this.source);
            this.count();
        }

        say(content) {
            journal.fill(this.note, content);
            this.note.hidden = false;
            this.shell.classList.toggle("is-covered", !content.classList.contains("is-strip"));
        }

        hideNote() {
            this.note.hidden = true;
            this.note.replaceChildren();
            this.shell.classList.remove("is-covered");
        }

        /* --------------------------------------------------------- selection */

        choose(row) {
            const node = this.api.getRowNode(row.call_id);
            if (node) node.setSelected(true, true);
            this.events.chosen(row);
        }

        reselect() {
            const id = state.selected();
            const node = id && this.api.getRowNode(id);
            if (node && !node.isSelected()) node.setSelected(true, true);
        }

        /** Select the next or previous row of the list. */
        step(by) {
            const id = state.selected();
            const node = id && this.api.getRowNode(id);
            const index = node && node.rowIndex !== null ? node.rowIndex + by : 0;
            if (index < 0) return;
            this.wanted = index;
            this.chooseWanted();
        }

        /* A row that is asked for while it is on its way is chosen when it comes. */
        chooseWanted() {
            const next = this.wanted === null ? null : this.api.getDisplayedRowAtIndex(this.wanted);
            if (!next || this.shell.classList.contains("is-stale")) return;
            this.api.ensureIndexVisible(this.wanted);
            if (!next.data) return;
            this.wanted = null;
            this.choose(next.data);
        }

        selectedRow() {
            const node = state.selected() && this.api.getRowNode(state.selected());
            return node ? node.data : null;
        }

        /** Change fields of one row where it is shown. */
        patch(callId, fields) {
            const node = this.api.getRowNode(callId);
            if (node && node.data) node.updateData({ ...node.data, ...fields });
        }

        showRunning(calls) {
            const told = JSON.stringify(calls);
            if (told === this.running) return;
            this.running = told;
            this.api.setGridOption("pinnedTopRowData", calls);
            this.shell.style.setProperty("--running", String(calls.length));
        }

        /* ----------------------------------------------------------- columns */

        columns() {
            const kept = journal.recall("columns", null);
            if (journal.isNarrow()) this.narrowColumns();
            else if (kept) this.api.applyColumnState({ state: kept, applyOrder: true });
            const order = state.get("sort") || "-time";
            this.api.applyColumnState({
                state: [{ colId: order.replace(/^-/, ""), sort: order.startsWith("-") ? "desc" : "asc" }],
                defaultState: { sort: null },
            });
            this.density(journal.recall("density", "normal"));
        }

        /* A telephone has room for four: markers, time, client and talk; the direction's icon tells the rest. */
        narrowColumns() {
            const widths = { markers: 30, time: 120, talk: 74 };
            this.api.applyColumnState({
                state: [
                    ...Object.entries(widths).map(([colId, width]) => ({ colId, width, hide: false })),
                    { colId: "client", flex: 1, hide: false },
                ],
                defaultState: { hide: true },
            });
        }

        sorted() {
            const [order] = this.api.getColumnState().filter((column) => column.sort);
            const value = order ? `${order.sort === "desc" ? "-" : ""}${order.colId}` : "-time";
            state.set({ sort: value === "-time" ? null : value }, true);
            this.begin();
            this.source.reset();
        }

        rememberColumns() {
            if (journal.isNarrow()) return;
            const kept = this.api
                .getColumnState()
                .map(({ colId, hide, width, flex }) => ({ colId, hide, width, flex }));
            journal.remember("columns", kept);
        }

        density(name) {
            const heights = { normal: 36, compact: 28 };
            this.shell.classList.toggle("is-compact", name === "compact");
            this.api.setGridOption("rowHeight", heights[name] || heights.normal);
            journal.remember("density", name);
        }
    };
})();
