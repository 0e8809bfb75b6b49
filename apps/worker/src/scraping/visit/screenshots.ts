import type { Page } from "puppeteer";

/** What a visitor with a common screen sees, CSS pixels; the browser's viewport. */
const width = 1_280;
const height = 800;
/** Of a page that has no end, so much is shown. */
const mostHeight = 6_000;
const thumbnailScale = 0.25;
const quality = 60;

export interface Screenshots {
  /** JPEG. */
  readonly full: Buffer;
  readonly thumbnail: Buffer;
}

/** The whole page, and small what is seen first. */
export async function takeScreenshots(page: Page, pageHeight: number): Promise<Screenshots> {
  // Puppeteer's own call forgets the scale.
  const session = await page.createCDPSession();
  const shoot = async (clip: { height: number; scale: number }): Promise<Buffer> => {
    const { data } = await session.send("Page.captureScreenshot", {
      format: "jpeg",
      quality,
      optimizeForSpeed: true,
      captureBeyondViewport: clip.height > height,
      clip: { x: 0, y: 0, width, ...clip },
    });
    return Buffer.from(data, "base64");
  };
  const thumbnail = await shoot({ height, scale: thumbnailScale });
  const full = await shoot({
    height: Math.min(Math.max(height, Math.ceil(pageHeight)), mostHeight),
    scale: 1,
  });
  return { full, thumbnail };
}
