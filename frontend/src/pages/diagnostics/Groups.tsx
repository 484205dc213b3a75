import { count, decimal } from "@/core/format";
import type { ErrorFigures } from "@/data/types";

import classes from "./diagnostics.module.css";
import type { Unit } from "./Errors";

interface Props {
  groups: Readonly<Record<string, ErrorFigures>>;
  unit: Unit;
  label: string;
}

const NAMES: Readonly<Record<string, string>> = { InD: "In domain", OOD: "Out of domain" };

/** Mean errors of groups of frames as bars and numbers. */
export function Groups({ groups, unit, label }: Props) {
  const mean = (figures: ErrorFigures) => (unit === "px" ? figures.mean_px : figures.mean_percent);
  const most = Math.max(...Object.values(groups).map((figures) => mean(figures) ?? 0), 1e-9);
  return (
    <div className={classes.scroll}>
      <table className={classes.table} aria-label={label}>
        <thead>
          <tr>
            <th>Group</th>
            <th style={{ width: "40%" }}>Mean error</th>
            <th data-number>{unit === "px" ? "px" : "%"}</th>
            <th data-number>90th (px)</th>
            <th data-number>Frames</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(groups).map(([name, figures]) => (
            <tr key={name}>
              <td className="truncate" title={name}>
                {NAMES[name] ?? name}
              </td>
              <td>
                <div className={classes.meter} style={{ width: `${(100 * (mean(figures) ?? 0)) / most}%` }} />
              </td>
              <td data-number>{decimal(mean(figures), 2)}</td>
              <td data-number>{decimal(figures.p90_px, 1)}</td>
              <td data-number>{count(figures.images)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
