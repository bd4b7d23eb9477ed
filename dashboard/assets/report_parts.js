/* The parts of a page that one callback answers (components/parts.py): HTML, and charts in it. */
(function () {
    "use strict";

    function Parts({ id, className, parts }) {
        const isLoading = window.dash_component_api.useDashContext().useLoading();
        const attributes = { id, className, "data-dash-is-loading": isLoading || undefined };
        return window.React.createElement("div", attributes, parts.map(made));
    }

    function made(part, place) {
        const { createElement } = window.React;
        if (part.figure) return createElement(window.callboard.Plot, { key: place, figure: part.figure });
        if (part.parts) return createElement(part.tag, Object.assign({ key: place }, part.attributes), part.parts.map(made));
        return createElement(Html, Object.assign({ key: place }, part));
    }

    /* What is shown is changed into what is to be shown: focus and scrolling stay where they were. */
    function Html({ tag, attributes, inner }) {
        const { createElement, useLayoutEffect, useRef } = window.React;
        const element = useRef(null);
        useLayoutEffect(() => {
            const wanted = element.current.cloneNode(false);
            wanted.innerHTML = inner;
            window.morphdom(element.current, wanted, { childrenOnly: true });
        }, [tag, inner]);
        return createElement(tag, Object.assign({ ref: element }, attributes));
    }

    window.callboard.Parts = Parts;
})();
