/** whatsapp-web.js drives the system's own Chromium: no browser is downloaded at install. */
module.exports = { skipDownload: true };
