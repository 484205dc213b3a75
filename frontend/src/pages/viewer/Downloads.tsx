import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";

import { saveFile } from "@/data/saveFile";
import type { Prediction } from "@/data/types";

import { ExportDialog } from "../exports/ExportDialog";

/** The table as it is kept, further tables of an ensemble, and the CSV files of other programs. */
export function Downloads({ projectId, prediction }: { projectId: string; prediction: Prediction }) {
  const [exporting, setExporting] = useState(false);
  const { parquet_url: parquet } = prediction;
  return (
    <>
      <Menu position="bottom-end" width={260}>
        <Menu.Target>
          <Tooltip label="Download">
            <ActionIcon aria-label="Download" ml="auto">
              <IconDownload size={18} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          {parquet !== null && <Menu.Item onClick={() => saveFile(parquet, `${prediction.video.name}.parquet`)}>Parquet</Menu.Item>}
          {prediction.files.map((file) => (
            <Menu.Item key={file.name} onClick={() => saveFile(file.url, file.name)}>
              {file.name}
            </Menu.Item>
          ))}
          <Menu.Item onClick={() => setExporting(true)}>CSV for other programs…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ExportDialog project={projectId} what="predictions" only={[prediction.id]} opened={exporting} onClose={() => setExporting(false)} />
    </>
  );
}
