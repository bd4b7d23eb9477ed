/* The journal on paper: all rows of the filter as a plain table, of which a grid would show one screen. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;
    const BLOCK = 500;
    const MOST = 2000; // about sixty pages; who wants more wants a file

    /* How a row reads without icons and colours; what is not here is shown as the grid has it. */
    const TEXTS = {
        time: (row) => `${journal.when(row.started_at)} · ${journal.direction(row).text}`,
        client: (row) => [journal.clientText(row), row.client && row.number_text].filter(Boolean).join(", "),
        employee: (row) => journal.peopleText(row),
        status: (row) => t(`status.${row.status}`) + (row.attention ? " !" : ""),
        tags: (row) => (row.tags || []).map((tag) => tag.title).join(", "),
        talk: (row) => journal.talk(row.talk_s),
        wait: (row) => (row.wait_s === null ? "" : journal.duration(row.wait_s)),
        number_class: (row) => row.number_class && journal.word(`number_class.${row.number_class}`, row.number_class),
    };

    /** Makes the pages of `root` printable: Ctrl+P and print() bring all rows, the browser's menu those in sight. */
    journal.printing = function (api, root) {
        let table = null;

        async function print() {
            try {
                place(await read());
                window.print();
            } catch (error) {
                journal.toast(error.message, "error");
            }
        }

        function place({ rows, more }) {
            if (table) table.remove();
            table = draw(rows, more);
            root.append(table);
        }

        function draw(rows, more) {
            const columns = api.getAllDisplayedColumns().filter((column) => column.getColDef().headerName);
            const text = (column, row) =>
                (TEXTS[column.getColId()] || (() => row[column.getColDef().field]))(row) ?? "";
            return el(
                "div",
                { class: "j-print" },
                el("p", {}, chosen(), more && ` ${t("print.more", { n: rows.length, count: journal.number(rows.length) })}`),
                el(
                    "table",
                    {},
                    el("thead", {}, el("tr", {}, columns.map((column) => el("th", {}, column.getColDef().headerName)))),
                    el(
                        "tbody",
                        {},
                        rows.map((row) =>
                            el(
                                "tr",
                                { class: row.missed ? "is-missed" : null },
                                columns.map((column) => el("td", {}, text(column, row))),
                            ),
                        ),
                    ),
                ),
            );
        }

        journal.listen(window, "beforeprint", () => {
            if (table) return;
            const rows = [];
            api.forEachNode((node) => node.data && rows.push(node.data));
            place({ rows, more: rows.length < api.getDisplayedRowCount() });
        });
        journal.listen(window, "afterprint", () => {
            if (table) table.remove();
            table = null;
        });
        journal.listen(document, "keydown", (event) => {
            if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.code !== "KeyP") return;
            event.preventDefault();
            print();
        });
        return print;
    };

    /* The rows of the filter in the order shown, block after block. */
    async function read() {
        const query = journal.state.filters();
        const order = journal.state.get("sort");
        if (order) query.set("sort", order);
        query.set("limit", String(BLOCK));
        const rows = [];
        let page;
        do {
            page = await journal.request(`/api/calls?${query}`);
            rows.push(...page.rows);
            if (page.after) query.set("after", page.after);
            query.set("until", page.until);
        } while (page.after && rows.length < MOST);
        return { rows, more: Boolean(page.after) };
    }

    /* What is filtered, in the words of the bar above the list. */
    function chosen() {
        const bar = document.getElementById("journal-filters");
        const words = [...bar.querySelectorAll(".j-toggle[aria-pressed=true], .j-period-label, .j-chip")];
        const search = bar.querySelector("input.j-search-input");
        return [...words.map((node) => node.textContent.trim()), search && search.value.trim() && `«${search.value.trim()}»`]
            .filter(Boolean)
            .join(" · ");
    }
})();
