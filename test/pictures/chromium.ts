/** Chromium's own command line as a camera. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/** Device pixels for each CSS pixel, so that pictures stay sharp. */
const SCALE = 2;

/** Puts the page's height where --dump-dom shows it. */
const TELL_HEIGHT = `<script>document.fonts.ready.then(() => {
  document.documentElement.dataset.height = Math.ceil(document.body.getBoundingClientRect().height);
});</script>`;

/** @returns the command; null if there is none on the PATH */
export async function findChromium(): Promise<string | null> {
  for (const name of NAMES) {
    const isThere = await promisify(execFile)(name, ["--version"]).then(
      () => true,
      () => false,
    );
    if (isThere) return name;
  }
  return null;
}

export interface Page {
  readonly html: string;
  /** CSS pixels. */
  readonly widthPx: number;
}

/** Takes a picture of all of a page; as what, the file's name says: .webp is half of .png. */
export async function takePicture(chromium: string, { html, widthPx }: Page, file: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "picture-"));
  const page = join(folder, "page.html");
  writeFileSync(page, html + TELL_HEIGHT);
  const run = (heightPx: number, ...more: readonly string[]) =>
    promisify(execFile)(chromium, [
      "--headless",
      "--disable-gpu",
      "--hide-scrollbars",
      // Grey letters instead of coloured edges make the file half as large.
      "--disable-lcd-text",
      `--user-data-dir=${folder}`,
      `--force-device-scale-factor=${SCALE}`,
      `--window-size=${widthPx},${heightPx}`,
      // The sandbox does not work for root, as in containers; the page is our own.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      ...more,
      pathToFileURL(page).href,
    ]);
  try {
    const { stdout } = await run(600, "--virtual-time-budget=2000", "--dump-dom");
    const heightPx = Number(/data-height="(\d+)"/.exec(stdout)?.[1]);
    if (!(heightPx > 0)) throw new Error(`The page of ${file} has no height.`);
    await run(heightPx, `--screenshot=${file}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
