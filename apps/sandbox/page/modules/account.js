import { Base64 } from "../keys.js";
import { define } from "../loader.js";

function definePrefs(session) {
  const orThrow = (wid) => {
    if (wid === undefined) throw new Error("me is not known yet");
    return wid;
  };
  const phone = () => session.me?.phone;
  const lid = () => session.me?.lid;
  define("WAWebUserPrefsMeUser", {
    getMaybeMePnUser: phone,
    getMaybeMeUser: phone,
    getMaybeMeLidUser: lid,
    getMeLidUserOrThrow: () => orThrow(lid()),
    getMePnUserOrThrow: () => orThrow(phone()),
    isMeAccount: (wid) => String(wid) === String(phone()) || String(wid) === String(lid()),
  });
}

function defineLinking(line) {
  define("WAWebAltDeviceLinkingApi", {
    initializeAltDeviceLinking: async () => undefined,
    genLinkDeviceCodeForPhoneNumber: (phone) => line.ask({ t: "pair", phone }),
  });
  const events = { on: () => events, off: () => events, triggerRefreshAltLinkingCode: () => undefined };
  define("WAWebLinkDeviceEvents", { WAWebLinkDeviceEvents: events });
}

function defineLogoutReason() {
  define("WAWebLogoutReason", {
    getErrorCodeFromLogoutReason: (reason) => (reason === "account_locked" ? "3" : "0"),
  });
  define("WAWebLogoutReasonConstants", {
    LogoutReason: {
      UserInitiated: "user_initiated",
      UnknownCompanion: "unknown_companion",
      AccountLocked: "account_locked",
    },
    LOGOUT_REASON_CODE: { CLIENT_FATAL: "0", SYNC_FAIL: "1", ACCOUNT_LOCKED: "3" },
  });
}

/** Who is logged in, what stands in the QR, and the pairing code. */
export function defineAccount({ session, keys, line }) {
  define("WAWebLoggedIn", { isLoggedIn: () => session.isRegistered });
  define("WAWebRegistered", { isRegistered: () => session.isRegistered });
  define("WAWebSignalStoreApi", { waSignalStore: { getRegistrationInfo: async () => keys.registration } });
  define("WAWebNoiseInfo", { waNoiseInfo: { get: async () => keys.noise } });
  define("WAWebAdvSignatureApi", {
    getADVSecretKey: async () => keys.secret,
    setADVSignedIdentity: () => undefined,
  });
  define("WABase64", Base64);
  definePrefs(session);
  defineLinking(line);
  defineLogoutReason();
}
