// The number beside "call back" in the sidebar: who waits for me or for anybody, red where somebody is late.
(function () {
    "use strict";
    var callboard = window.callboard;
    var counter = callboard.counter({
        path: "/callbacks",
        summary: "/api/callbacks/summary",
        soon_ms: 4000, // a busy office ends a call a second: many hints make one request
        draw: function (badge, count) {
            callboard.drawCount(badge, count.open, count.late);
            badge.setAttribute("aria-label", callboard.t("callbacks.js.count", { open: count.open, late: count.late }));
        },
    });

    callboard.showWaiting = counter.show; // who has just read the list knows the number
    document.addEventListener("callboard:callbacks", counter.load);
    document.addEventListener("callboard:calls", counter.soon);
})();
