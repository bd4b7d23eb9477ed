/* A chart, drawn once and again when its place gets another width; a click on a mark leads to what is behind it. */
(function () {
    "use strict";

    const CONFIG = { displayModeBar: false, doubleClick: false };

    function Plot({ figure }) {
        const { createElement, useEffect, useRef } = window.React;
        const place = useRef(null);
        useEffect(() => keepWidth(place.current), []);
        useEffect(() => {
            window.callboard.bundle("Plotly").then(
                () => place.current && draw(place.current, figure),
                () => window.callboard.toast(window.callboard.t("reports.js.not_drawn"), "bad"),
            );
        }, [figure]);
        return createElement("div", { className: "report-graph" }, createElement("div", { ref: place }));
    }

    function draw(place, figure) {
        // The library writes into what it is given, and what is given belongs to Dash.
        const { data, layout } = structuredClone(figure);
        window.Plotly.react(place, data, layout, Object.assign({ locale: document.documentElement.lang }, CONFIG));
        place.removeAllListeners("plotly_click");
        place.on("plotly_click", ({ points }) => follow(place, points));
    }

    /* Until the chart goes: what undoes it is returned. */
    function keepWidth(place) {
        const watch = new ResizeObserver(() => {
            const drawn = place._fullLayout;
            if (drawn && place.clientWidth && drawn.width !== place.clientWidth) window.Plotly.Plots.resize(place);
        });
        watch.observe(place);
        return () => {
            watch.disconnect();
            if (window.Plotly) window.Plotly.purge(place);
        };
    }

    /* ---------------------------------------------------------------- marks */
    let clicked = { x: 0, y: 0 };
    document.addEventListener("pointerup", (event) => (clicked = { x: event.clientX, y: event.clientY }), true);

    function follow(chart, points) {
        const point = chosen(chart, points);
        if (point) window.callboardJournal.go(link(point));
    }

    /* Hover is unified, so a click brings the points of all series: take the one under the pointer. */
    function chosen(chart, points) {
        const linked = points.filter((point) => typeof link(point) === "string");
        if (linked.length < 2) return linked[0];
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

    window.callboard.Plot = Plot;
})();
