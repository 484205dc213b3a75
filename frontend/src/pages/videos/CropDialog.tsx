import { Button, Group, Loader, Modal, NumberInput, Slider, Stack, Text } from "@mantine/core";
import { useMemo, useRef, useState } from "react";

import { ErrorState } from "@/components/ErrorState";
import { faultOf } from "@/core/crop";
import { parseRate } from "@/core/frameClock";
import type { Box, Size } from "@/core/geometry";
import { notifyDone, notifyProblem } from "@/data/notify";
import type { Video } from "@/data/types";
import { useChangeCrop, useVideoProxy } from "@/data/videos";

import classes from "./crop.module.css";
import { CropCanvas, type CropCanvasHandle } from "./CropCanvas";

interface Props {
  project: string;
  video: Video;
  opened: boolean;
  onClose: () => void;
}

export function CropDialog({ project, video, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Crop of this video" size={860} yOffset="4vh">
      <Editor project={project} video={video} onClose={onClose} />
    </Modal>
  );
}

const FIELDS = [
  { name: "x", label: "Left" },
  { name: "y", label: "Top" },
  { name: "width", label: "Width" },
  { name: "height", label: "Height" },
] as const;

const isWhole = (crop: Box, size: Size) => crop.x === 0 && crop.y === 0 && crop.width === size.width && crop.height === size.height;

function Editor({ project, video, onClose }: Omit<Props, "opened">) {
  const size = useMemo(() => ({ width: video.width ?? 1, height: video.height ?? 1 }), [video.width, video.height]);
  const [crop, setCrop] = useState<Box | null>(video.crop);
  const save = useChangeCrop(project, () => {
    notifyDone("Crop saved. Trainings and predictions from here on use it.");
    onClose();
  });
  const shown = crop ?? { x: 0, y: 0, ...size };
  const fault = crop === null ? null : faultOf(crop, size);
  const wanted = crop === null || isWhole(crop, size) ? null : crop;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (fault === null) save.mutate({ id: video.id, crop: wanted });
      }}
    >
      <Stack gap="sm">
        <Text c="dimmed">
          Networks see only this part of every frame, and so see it larger: useful where the animal stays in one part of the picture. Labels and predictions keep the coordinates of the
          whole frame.
        </Text>
        <Picture project={project} video={video} size={size} crop={crop !== null && Object.values(crop).every(Number.isFinite) ? crop : null} onChange={setCrop} />
        <div className={classes.fields}>
          {FIELDS.map(({ name, label }) => (
            <NumberInput
              key={name}
              label={label}
              suffix=" px"
              value={Number.isFinite(shown[name]) ? shown[name] : ""}
              min={0}
              allowDecimal={false}
              allowNegative={false}
              clampBehavior="none"
              onChange={(value) => {
                if (value !== shown[name]) setCrop({ ...shown, [name]: value === "" ? Number.NaN : Number(value) });
              }}
            />
          ))}
        </div>
        <Group justify="space-between">
          <Text size="sm" c={fault === null ? "dimmed" : "var(--tb-bad)"} role={fault === null ? undefined : "alert"}>
            {fault ?? (wanted === null ? `The whole frame, ${size.width} × ${size.height} px. Drag on the picture to draw a crop.` : `Of ${size.width} × ${size.height} px.`)}
          </Text>
          <Group gap="xs">
            <Button variant="default" disabled={crop === null} onClick={() => setCrop(null)}>
              Whole frame
            </Button>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={fault !== null} loading={save.isPending}>
              Save crop
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}

interface PictureProps {
  project: string;
  video: Video;
  size: Size;
  crop: Box | null;
  onChange: (crop: Box) => void;
}

/** Frames of the proxy, so that one sees whether the animal ever leaves the crop. */
function Picture({ project, video, size, crop, onChange }: PictureProps) {
  const proxy = useVideoProxy(project, video.id);
  const canvas = useRef<CropCanvasHandle>(null);
  const [frame, setFrame] = useState(0);
  const { url, fps, frame_count: frames } = proxy.data ?? {};
  const rate = useMemo(() => parseRate(fps ?? "1/1"), [fps]);
  if (proxy.error) return <ErrorState error={proxy.error} onRetry={() => void proxy.refetch()} />;
  return (
    <>
      <div className={classes.frame}>
        {url && frames ? (
          <CropCanvas
            ref={canvas}
            url={url}
            rate={rate}
            frameCount={frames}
            size={size}
            crop={crop}
            onChange={onChange}
            onProblem={(message) => notifyProblem(new Error(message))}
          />
        ) : (
          <div className={classes.waiting}>
            <Group gap="xs">
              <Loader size={14} color="gray" /> Making a version that browsers play…
            </Group>
          </div>
        )}
      </div>
      <Group gap="sm" wrap="nowrap">
        <Slider
          flex={1}
          thumbLabel="Frame"
          min={0}
          max={Math.max(1, (frames ?? 1) - 1)}
          value={frame}
          label={null}
          disabled={!frames}
          onChange={(value) => {
            setFrame(value);
            canvas.current?.seek(value);
          }}
        />
        <Text size="sm" c="dimmed" miw={96} ta="right">
          Frame {frame} of {frames ?? "…"}
        </Text>
      </Group>
    </>
  );
}
