/** HTML of the sample websites. Each has what an account manager's report is about. */

export interface Business {
  readonly name: string;
  readonly language: string;
  readonly description: string;
  readonly generator?: string;
  readonly head?: string;
  readonly body: string;
}

export function page({ name, language, description, generator, head = "", body }: Business): string {
  const made = generator === undefined ? "" : `<meta name="generator" content="${generator}">`;
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><title>${name}</title><meta name="description" content="${description}">
<meta name="viewport" content="width=device-width">${made}
<link rel="stylesheet" href="/assets/site.css">${head}</head>
<body><h1>${name}</h1>${body}</body></html>`;
}

const paragraph =
  "<p>Atendemos a cada cliente con la misma calma con la que se amasa el pan de cada mañana.</p>";

export const bakery = page({
  name: "Panadería La Espiga",
  language: "es-CO",
  description: "Pan de masa madre en Medellín, todos los días.",
  generator: "WordPress 6.8.3",
  head: `<script src="/wp-content/themes/espiga/jquery-3.7.1.min.js"></script>
<script>window.jQuery = Object.assign(() => null, { fn: { jquery: "3.7.1" } });</script>`,
  body: `<nav><a href="/">Inicio</a> <a href="/menu">Menú</a> <a href="/contacto">Contacto</a> <a href="/no-existe">Horarios</a></nav>
<h2>Pan de hoy</h2>${paragraph.repeat(6)}<h2>Contacto</h2>
<p><a href="mailto:Hola@LaEspiga.example?subject=Pedido">Escríbanos</a> <a href="tel:+57 604 123 4567">Llámenos</a>
<a href="https://wa.me/573001234567?text=Hola">WhatsApp</a></p>
<p><a href="https://www.instagram.com/laespiga">Instagram</a> <a href="https://www.facebook.com/laespiga">Facebook</a>
<a href="https://www.facebook.com/sharer/sharer.php?u=x">Compartir</a> <a href="https://slow.sandbox.test/">Proveedor</a></p>
<img src="/assets/pan.svg" width="400" height="300" alt="Pan">`,
});

export const clinic = page({
  name: "North Street Clinic",
  language: "en",
  description: "Family medicine since 1998.",
  head: `<script src="/_next/static/chunks/main.js"></script>`,
  body: `<nav><a href="/team">Team</a> <a href="/gone">Prices</a></nav><h2>Opening hours</h2><p>Monday to Friday, 8 to 6.</p>
<h3>Emergencies</h3><p>Call <a href="tel:+442071234567">020 7123 4567</a> or <a href="mailto:desk@clinic.example">write to us</a>.</p>
<p><a href="https://www.linkedin.com/company/north-street">LinkedIn</a> <a href="https://api.whatsapp.com/send?phone=447700900123">WhatsApp</a></p>`,
});

export const news = page({
  name: "El Pregón de la Sierra",
  language: "es",
  description: "Noticias de los pueblos de la sierra.",
  head: `<script async src="/assets/app.js"></script><link rel="stylesheet" href="/assets/bootstrap@5.3.3.min.css">`,
  body: Array.from(
    { length: 40 },
    (_, n) => `<article><h2><a href="/nota/${n + 1}">Nota ${n + 1}</a></h2>${paragraph.repeat(3)}</article>`,
  ).join(""),
});

/** What a number of sites look like that differ in nothing but their name. */
export const plain = (host: string): string =>
  page({
    name: `Negocio ${host.split(".")[0] ?? ""}`,
    language: "es",
    description: `La página de ${host}.`,
    body: `<p>${host}</p>${paragraph.repeat(4)}<p><a href="/servicios">Servicios</a> <a href="mailto:info@${host}">Correo</a></p>`,
  });

export const alerts = page({
  name: "Alerts",
  language: "en",
  description: "Asks before it shows anything.",
  body: `<script>alert("welcome"); confirm("cookies?"); window.open("/pop-up"); setTimeout(() => prompt("your name?"), 20);</script>
<p>Behind the dialogs.</p>`,
});

export const endlessScroll = page({
  name: "Endless",
  language: "en",
  description: "Grows as it is read.",
  body: `<main></main><script>
const grow = () => { const p = document.createElement("p"); p.style.height = "2000px"; p.textContent = "more"; document.querySelector("main").append(p); };
grow(); addEventListener("scroll", grow); new ResizeObserver(grow).observe(document.body); setInterval(grow, 20);</script>`,
});

/** Takes memory until its process is ended. */
export const crash = page({
  name: "Crash",
  language: "en",
  description: "Ends its own renderer.",
  body: `<script>setTimeout(() => { const all = []; for (;;) all.push(new Array(1e6).fill(all.length + 0.5)); }, 0);</script>`,
});

/** Never gives the processor back. */
export const busyLoop = page({
  name: "Busy",
  language: "en",
  description: "Never ends its first script.",
  body: `<script>setTimeout(() => { for (;;); }, 0);</script>`,
});

/** Goes to a private address in every way that a page has. */
export const escapes = (target: string): string =>
  page({
    name: "Escapes",
    language: "en",
    description: "Reaches for the inside.",
    body: `<img src="http://${target}/img"><iframe src="http://${target}/frame"></iframe><script src="http://${target}/script"></script>
<script>fetch("http://${target}/fetch").catch(() => null); try { new WebSocket("ws://${target}/socket"); } catch {}
navigator.sendBeacon("http://${target}/beacon", "x");
try { const rtc = new RTCPeerConnection({ iceServers: [{ urls: "stun:${target}" }] }); rtc.createDataChannel("x");
rtc.createOffer().then((offer) => rtc.setLocalDescription(offer)); } catch {}</script><p>Done.</p>`,
  });

export const refreshTo = (target: string): string =>
  page({
    name: "Moved",
    language: "en",
    description: "Goes on by itself.",
    head: `<meta http-equiv="refresh" content="0; url=${target}">`,
    body: "<p>One moment.</p>",
  });
