import { Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { decimal } from "@/core/format";
import type { WorstImage } from "@/data/types";

import classes from "./diagnostics.module.css";
import type { Unit } from "./Errors";

const PARTS: Readonly<Record<WorstImage["part"], string>> = { train: "Training", validation: "Validation", test: "Test", unseen: "New" };

interface Props {
  project: string;
  images: readonly WorstImage[];
  unit: Unit;
}

/** The labelled frames with the greatest errors, which open in the labeller: the label may be what is wrong. */
export function WorstImages({ project, images, unit }: Props) {
  if (images.length === 0) return <Text c="dimmed">Every point lies on its label.</Text>;
  return (
    <div className={classes.scroll}>
      <table className={classes.table} aria-label="Worst frames">
        <thead>
          <tr>
            <th>Frame</th>
            <th>Recording</th>
            <th>Used for</th>
            <th>Keypoint</th>
            <th data-number>{unit === "px" ? "Error (px)" : "Error (%)"}</th>
            <th data-number>Likelihood</th>
            <th data-number>Mean of frame (px)</th>
          </tr>
        </thead>
        <tbody>
          {images.map((image) => (
            <tr key={image.path}>
              <td>
                {image.id === null ? (
                  nameOf(image)
                ) : (
                  <Link to="/projects/$projectId/label" params={{ projectId: project }} search={{ frame: image.id }} className={classes.link}>
                    {nameOf(image)}
                  </Link>
                )}
              </td>
              <td className="truncate">{image.recording ?? "–"}</td>
              <td>
                {PARTS[image.part]}
                {image.domain === "OOD" && " (OOD)"}
              </td>
              <td>{image.keypoint}</td>
              <td data-number>{decimal(unit === "px" ? image.error_px : image.error_percent, 1)}</td>
              <td data-number>{decimal(image.likelihood, 2)}</td>
              <td data-number>{decimal(image.mean_px, 1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function nameOf(image: WorstImage): string {
  if (image.video !== null && image.frame_index !== null) return `${image.video} #${image.frame_index}`;
  return image.path.split("/").slice(-2).join("/");
}
