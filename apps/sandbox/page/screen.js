/** For the person who looks at the page; the driver does not. */
export function showStatus({ Conn, Stream }, keys) {
  const state = document.getElementById("state");
  const qr = document.getElementById("qr");

  const show = () => {
    state.textContent = `${Stream.mode} ${Stream.info}`;
    qr.hidden = Stream.mode !== "QR" || Conn.ref === undefined;
    if (!qr.hidden) qr.src = `/qr.svg?code=${encodeURIComponent(`${Conn.ref},${keys.text}`)}`;
  };

  Stream.on("change:mode change:info", show);
  Conn.on("change:ref", show);
}
