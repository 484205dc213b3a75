import { useEffect, useRef } from "react";

import classes from "./Log.module.css";

/** The end of a log, which follows what is written unless the reader scrolled up. */
export function Log({ text }: { text: string }) {
  const box = useRef<HTMLPreElement>(null);
  const follow = useRef(true);
  useEffect(() => {
    if (follow.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  const onScroll = () => {
    const { current } = box;
    if (current) follow.current = current.scrollHeight - current.scrollTop - current.clientHeight < 24;
  };
  return (
    <pre ref={box} className={classes.log} onScroll={onScroll} tabIndex={0} aria-label="Log">
      {text === "" ? "Nothing has been written yet." : text}
    </pre>
  );
}
