/* Many rows at once: marked by a box, by Shift over a stretch, or by the key x; then tagged or kept as a file. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;
    const MOST = 1000;
    const BLOCK = 500; // rows of one answer

    let marked = new Map(); // id -> row, for the cells to draw; of the page that is open

    journal.isMarked = (callId) => marked.has(callId);

    /** api: the grid's; bar: where the actions stand while rows are marked; patch(callId, fields). */
    journal.Many = class {
        constructor(api, bar, patch) {
            this.api = api;
            this.bar = bar;
            this.patch = patch;
            this.last = null; // index of the row that was marked last: where Shift begins
            marked = new Map();
            journal.mark = (row, index, isStretch) => this.toggle(row, index, isStretch);
            this.build();
        }

        toggle(row, index, isStretch) {
            const on = !marked.has(row.call_id);
            const rows = [row];
            if (isStretch && this.last !== null) {
                const [first, end] = [Math.min(this.last, index), Math.max(this.last, index)];
                for (let at = first; at <= end; at += 1) {
                    const node = this.api.getDisplayedRowAtIndex(at);
                    if (node && node.data) rows.push(node.data);
                }
            }
            for (const one of rows) {
                if (!on) marked.delete(one.call_id);
                else if (marked.size < MOST) marked.set(one.call_id, one);
            }
            if (on && marked.size >= MOST) journal.toast(t("many.most", { count: journal.number(MOST) }), "error");
            this.last = index;
            this.show();
        }

        /** Mark every call that the filters find, as far as so many can be marked. */
        async markFound() {
            const query = journal.state.filters();
            query.set("limit", String(BLOCK));
            const found = new Map();
            try {
                let after = null;
                do {
                    if (after) query.set("after", after);
                    const page = await journal.request(`/api/calls?${query}`);
                    for (const row of page.rows) if (found.size < MOST) found.set(row.call_id, row);
                    after = page.after;
                    query.set("until", page.until);
                } while (after && found.size < MOST);
                if (after) journal.toast(t("many.most", { count: journal.number(MOST) }), "error");
                marked = found;
                this.last = null;
                this.show();
            } catch (error) {
                journal.toast(error.message, "error");
            }
        }

        clear() {
            if (!marked.size) return false;
            marked.clear();
            this.last = null;
            this.show();
            return true;
        }

        show() {
            this.api.refreshCells({ columns: ["mark"], force: true });
            this.bar.hidden = marked.size === 0;
            this.count.textContent = t("many.count", { n: marked.size, count: journal.number(marked.size) });
        }

        build() {
            const { comment, export: mayExport } = journal.config.rights;
            this.count = el("span", { class: "j-many-count", role: "status" });
            const tags = journal.tagPicker(
                el(
                    "button",
                    { type: "button", class: "j-button", "aria-expanded": "false" },
                    journal.icon("plus-lg"),
                    t("tags"),
                ),
                (tag) => this.carried(tag),
                (tag, on) => this.tag(tag, on),
            );
            const exports = journal.menu(
                el("button", { type: "button", class: "j-button" }, journal.icon("download"), t("export")),
                () =>
                    ["csv", "xlsx", "parquet"].map((format) => ({
                        icon: format === "parquet" ? "database-exclamation" : "file-earmark-spreadsheet",
                        text: t(`export.${format}`),
                        action: () => journal.exportRows(format, [...marked.keys()]),
                    })),
            );
            journal.fill(
                this.bar,
                this.count,
                el("button", { type: "button", class: "j-link", onclick: () => this.markFound() }, t("many.found")),
                comment && tags.root,
                mayExport && exports.root,
                journal.button("x-lg", t("many.clear"), () => this.clear()),
            );
            this.bar.hidden = true;
        }

        carried(tag) {
            const has = (row) => (row.tags || []).some((one) => one.tag_id === tag.tag_id);
            const count = [...marked.values()].filter(has).length;
            if (!count) return "none";
            return count === marked.size ? "all" : "some";
        }

        async tag(tag, on) {
            const former = new Map([...marked].map(([callId, row]) => [callId, row.tags || []]));
            const write = (callId, tags) => {
                const row = marked.get(callId);
                if (row) marked.set(callId, { ...row, tags });
                this.patch(callId, { tags });
            };
            for (const [callId, tags] of former) {
                const others = tags.filter((one) => one.tag_id !== tag.tag_id);
                write(callId, on ? journal.byTitle([...others, tag]) : others);
            }
            try {
                const { calls } = await journal.tagCalls([...former.keys()], on ? [tag] : [], on ? [] : [tag]);
                const n = calls.length;
                journal.toast(t(on ? "many.tagged" : "many.untagged", { n, count: journal.number(n), tag: tag.title }));
            } catch (error) {
                for (const [callId, tags] of former) write(callId, tags);
                journal.toast(error.message, "error");
            }
        }
    };
})();
