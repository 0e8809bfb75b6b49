import { defineTexts } from "../i18n/texts.ts";

export const signInTexts = defineTexts(
  {
    title: "Entrar",
    lead: "Campañas de WhatsApp desde muchos números a la vez, en vivo.",
    key: "Clave de API o token JWT",
    keyHint: "Empieza por pgn_, o es el token de tu CRM.",
    remember: "Recordar en este equipo",
    enter: "Entrar",
    checking: "Comprobando…",
    wrong: "La clave no es válida, está revocada o ha caducado.",
    wrongAdvice: "Cópiala entera, sin espacios, o pide otra a quien administra la instalación.",
    away: "El servidor no contesta.",
    awayAdvice: "Comprueba que está en marcha (npm start) y vuelve a intentarlo.",
    again: "Reintentar",
    firstKey: "La primera clave se muestra al crear la instalación; con npm start está en .data/admin-key.",
    show: "Mostrar la clave",
    hide: "Ocultar la clave",
  },
  {
    title: "Sign in",
    lead: "WhatsApp campaigns from many numbers at once, live.",
    key: "API key or JWT",
    keyHint: "Begins with pgn_, or is the token of your CRM.",
    remember: "Remember on this computer",
    enter: "Sign in",
    checking: "Checking…",
    wrong: "The key is not valid, was revoked or has expired.",
    wrongAdvice: "Copy all of it, without spaces, or ask whoever runs the installation for another.",
    away: "The server does not answer.",
    awayAdvice: "See that it runs (npm start) and try again.",
    again: "Try again",
    firstKey:
      "The first key is shown when the installation is made; with npm start it is in .data/admin-key.",
    show: "Show the key",
    hide: "Hide the key",
  },
);
