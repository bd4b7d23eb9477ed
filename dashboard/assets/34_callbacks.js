// The number beside "call back" in the sidebar: who waits for me or for anybody, red where somebody is late.
(function () {
    "use strict";
    var callboard = window.callboard;
    var SOON_MS = 4000; // a busy office ends a call a second: many hints make one request
    var LATEST_MS = 60000; // deadlines pass without a hint
    var timer = null;
    var stale = false;

    function place() {
        return document.querySelector('[data-count="/callbacks"]');
    }

    function show(count) {
        var badge = place();
        if (!badge) {
            return;
        }
        badge.textContent = count.open > 99 ? "99+" : String(count.open);
        badge.hidden = count.open === 0;
        badge.classList.toggle("is-late", count.late > 0);
        badge.setAttribute("aria-label", callboard.t("callbacks.js.count", { open: count.open, late: count.late }));
    }

    function load() {
        clearTimeout(timer);
        timer = setTimeout(load, LATEST_MS);
        if (!place()) {
            return;
        }
        if (document.hidden) {
            stale = true; // nobody looks: read when somebody does
            return;
        }
        stale = false;
        callboard
            .fetch("/api/callbacks/summary")
            .then(function (response) {
                return response.ok ? response.json().then(show) : null;
            })
            .catch(function () {}); // the banner tells of a lost server
    }

    function soon() {
        clearTimeout(timer);
        // Not all browsers of the office at the same moment.
        timer = setTimeout(load, SOON_MS / 2 + (Math.random() * SOON_MS) / 2);
    }

    callboard.showWaiting = show; // who has just read the list knows the number
    document.addEventListener("callboard:callbacks", load);
    document.addEventListener("callboard:calls", soon);
    document.addEventListener("visibilitychange", function () {
        if (!document.hidden && stale) {
            load();
        }
    });

    function start() {
        if (!document.getElementById("shell-live")) {
            setTimeout(start, 100);
            return;
        }
        load();
    }
    start();
})();
