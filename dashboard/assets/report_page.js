/* Reports: controls write the address, the address asks the server, marks and cells lead to the journal. */
(function () {
    "use strict";

    const ASKED = "report-asked";
    const OWN = ["view", "shape", "step", "order", "target_s", "short_s", "reply_s", "period", "from", "to"];
    const PRESETS = ["today", "yesterday", "7d", "30d", "90d", "month", "quarter", "half_year", "year"];
    const USUAL = "30d";
    const journal = () => window.callboardJournal;

    let report = null;

    function start(config) {
        report = config.report;
        const shared = journal();
        shared.leave();
        shared.config = Object.assign({ apart: isOwn }, config.journal);
        const state = shared.state;
        if (!state.get("period") && !state.get("from") && !state.get("to")) state.set({ period: USUAL }, true);
        const filters = document.getElementById("report-filters");
        if (filters) shared.filterBar(filters, { presets: PRESETS, periodOnly: !config.calls });
        state.onChange(ask);
        shared.listen(document, "callboard:theme", ask);
        return question();
    }

    /* Names of the address that are no filters: the bar shows no chips for them. */
    function isOwn(name) {
        return OWN.includes(name) || name.startsWith("show_");
    }

    function question() {
        return { report, search: location.search, theme: document.documentElement.dataset.theme || theme() };
    }

    function theme() {
        return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    }

    function ask() {
        if (document.getElementById("report-body")) window.dash_clientside.set_props(ASKED, { data: question() });
    }

    function set(name, value) {
        journal().state.set({ [name]: value });
    }

    document.addEventListener("click", (event) => {
        const control = event.target.closest("[data-report-set]");
        if (control) {
            const [name, value] = control.dataset.reportSet.split("=");
            set(name, value);
            return;
        }
        const action = event.target.closest("[data-report-do]");
        if (action) actions[action.dataset.reportDo]();
        const file = event.target.closest("[data-report-file]");
        if (file) {
            file.closest("details").open = false;
            save(file.dataset.reportFile);
        }
        const link = event.target.closest(".report-page a[href], .overview a[href]");
        if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
            event.preventDefault();
            journal().go(link.getAttribute("href"));
        }
        const menu = document.querySelector(".report-export[open]");
        if (menu && !menu.contains(event.target)) menu.open = false;
    });

    document.addEventListener("change", (event) => {
        const choice = event.target.closest("[data-report-choice]");
        if (choice) set(choice.dataset.reportChoice, choice.value);
    });

    const actions = {
        copy: () =>
            navigator.clipboard.writeText(location.href).then(
                () => window.callboard.toast(window.callboard.t("reports.js.copied"), "good"),
                () => window.prompt(window.callboard.t("reports.js.copy"), location.href),
            ),
        print: () => window.print(),
    };

    function save(form) {
        if (form !== "png") {
            location.assign(`/api/reports/${report}.${form}${location.search}`);
            return;
        }
        const charts = document.querySelectorAll(".report-graph .js-plotly-plot");
        if (!charts.length) window.callboard.toast(window.callboard.t("reports.js.no_chart"), "plain");
        charts.forEach((chart, place) => {
            const background = getComputedStyle(document.body).backgroundColor;
            const size = { width: chart.clientWidth, height: chart.clientHeight };
            const figure = { data: chart.data, layout: Object.assign({}, chart.layout, { paper_bgcolor: background }) };
            const filename = charts.length > 1 ? `${report}-${place + 1}` : report;
            window.Plotly.downloadImage(figure, Object.assign({ format: "png", scale: 2, filename }, size));
        });
    }

    /* ---------------------------------------------------------------- marks of charts */
    let clicked = { x: 0, y: 0 };
    document.addEventListener("pointerup", (event) => (clicked = { x: event.clientX, y: event.clientY }), true);

    /* Hover is unified, so a click brings the points of all series: take the one under the pointer. */
    function chosen(points) {
        const linked = points.filter((point) => typeof link(point) === "string");
        if (linked.length < 2) return linked[0];
        const chart = document.elementsFromPoint(clicked.x, clicked.y).map((part) => part.closest(".js-plotly-plot")).find(Boolean);
        if (!chart) return linked[0];
        return linked.map((point) => [distance(chart, point), point]).sort((one, other) => one[0] - other[0])[0][1];
    }

    function link(point) {
        return Array.isArray(point.customdata) ? point.customdata[0] : point.customdata;
    }

    /* Pixels between the pointer and a bar (0: inside) or a point of a line. */
    function distance(chart, point) {
        const box = chart.getBoundingClientRect();
        const trace = chart._fullData[point.curveNumber];
        const known = chart.calcdata.find((one) => one[0].trace.index === point.curveNumber)[point.pointNumber];
        const layout = chart._fullLayout;
        const xaxis = layout[trace.xaxis ? `xaxis${trace.xaxis.slice(1)}` : "xaxis"];
        const yaxis = layout[trace.yaxis ? `yaxis${trace.yaxis.slice(1)}` : "yaxis"];
        const mouse = { x: clicked.x - box.left, y: clicked.y - box.top };
        if (trace.type !== "bar") return Math.abs(yaxis.c2p(known.y) + yaxis._offset - mouse.y);
        const [along, across] = trace.orientation === "h" ? [[xaxis, mouse.x], [yaxis, mouse.y]] : [[yaxis, mouse.y], [xaxis, mouse.x]];
        const outside = (low, high, value) => Math.max(low - value, value - high, 0);
        const lengths = [known.s0, known.s1].map((end) => along[0].c2p(end) + along[0]._offset).sort((a, b) => a - b);
        const widths = [known.p0, known.p1].map((end) => across[0].c2p(end) + across[0]._offset).sort((a, b) => a - b);
        return outside(...lengths, along[1]) + outside(...widths, across[1]);
    }

    window.dash_clientside = Object.assign({}, window.dash_clientside, {
        report: {
            start,
            theme: () => question().theme,
            follow: () => {
                const changed = window.dash_clientside.callback_context.triggered.map((one) => one.value).filter(Boolean)[0];
                const point = changed && chosen(changed.points);
                if (point) journal().go(link(point));
                return window.dash_clientside.no_update;
            },
        },
    });
})();
