import { IconVideo } from "@tabler/icons-react";

import classes from "./Poster.module.css";

/** A picture of a video or frame in a fixed box, or a quiet stand-in. */
export function Poster({ url, width = 56, height = 36 }: { url: string | null | undefined; width?: number | string; height?: number | string }) {
  return (
    <div className={classes.box} style={{ width, height }}>
      {url ? <img src={url} alt="" loading="lazy" decoding="async" /> : <IconVideo size={16} stroke={1.4} />}
    </div>
  );
}
