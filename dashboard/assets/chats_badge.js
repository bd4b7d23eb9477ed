// The number beside "chats" in the sidebar: chats with news for me, red where a client has waited too long.
(function () {
    "use strict";
    var callboard = window.callboard;
    var counter = callboard.counter({
        path: "/chats",
        summary: "/api/chats/summary",
        soon_ms: 1500,
        draw: function (badge, counts) {
            var words = callboard.t("chats.js.count", {
                unread: counts.unread,
                queued: counts.queued,
                late: counts.late,
            });
            callboard.drawCount(badge, counts.unread, counts.late);
            badge.setAttribute("aria-label", words);
            badge.title = words;
        },
    });

    callboard.showChats = counter.soon;
    document.addEventListener("callboard:chats", counter.soon);
})();
