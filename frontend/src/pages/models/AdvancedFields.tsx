import { Autocomplete, NumberInput, Select, Skeleton, Switch, TagsInput, TextInput } from "@mantine/core";
import { useParams } from "@tanstack/react-router";

import { ErrorState } from "@/components/ErrorState";
import { type Changes, fault, type Value, valueAt } from "@/core/trainSpec";
import { useTrainFields } from "@/data/models";
import type { TrainField, TrainSpec } from "@/data/types";

import classes from "./TrainDialog.module.css";

const SUGGESTED: Readonly<Record<string, string[]>> = {
  backbone: ["compact", "resnet18", "resnet50", "mobilenetv2_100", "efficientnet_b0", "convnext_tiny"],
};

/** Settings of text whose usual values have a name. */
const NAMED: Readonly<Record<string, { value: string; label: string }[]>> = {
  weights: [
    { value: "imagenet", label: "ImageNet (downloaded once)" },
    { value: "none", label: "None: works offline, needs more labels" },
  ],
};

interface Props {
  spec: TrainSpec;
  changes: Changes;
  onChange: (path: string, value: Value) => void;
}

/** Every setting of a training, made of what the API says of them. */
export function AdvancedFields({ spec, changes, onChange }: Props) {
  const project = useParams({ strict: false }).projectId ?? "";
  const fields = useTrainFields(project);
  if (fields.error) return <ErrorState error={fields.error} onRetry={() => void fields.refetch()} />;
  if (!fields.data) return <Skeleton height={200} />;
  const groups = [...new Set(fields.data.map((field) => field.group))];
  return groups.map((group) => (
    <fieldset key={group} className={classes.group}>
      <legend>{group}</legend>
      <div className={classes.fields}>
        {fields.data
          .filter((field) => field.group === group)
          .map((field) => (
            <Field
              key={field.path}
              field={field}
              value={field.path in changes ? changes[field.path] : valueAt(spec, field.path)}
              onChange={(value) => onChange(field.path, value)}
            />
          ))}
      </div>
    </fieldset>
  ));
}

interface FieldProps {
  field: TrainField;
  value: Value | undefined;
  onChange: (value: Value) => void;
}

function Field({ field, value, onChange }: FieldProps) {
  const usual = { label: field.title, description: field.help, placeholder: field.empty || undefined };
  const text = value === null || value === undefined ? "" : String(value);
  if (field.kind === "switch") return <Switch {...usual} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} mt={4} />;
  if (field.kind === "list") return <TagsInput {...usual} value={typeof value === "object" && value !== null ? [...value] : []} onChange={onChange} />;
  if (field.kind === "number" || field.kind === "integer") {
    return (
      <NumberInput
        {...usual}
        value={text}
        error={fault(field, value)}
        allowDecimal={field.kind === "number"}
        step={field.multiple_of ?? (field.kind === "integer" ? 1 : 0.01)}
        // While it is typed a number may pass through values that are not allowed; they are told, not changed.
        clampBehavior="none"
        onChange={(typed) => onChange(typed === "" && field.nullable ? null : typed)}
      />
    );
  }
  const given = field.choices ?? [];
  const named = given.length > 0 ? given.map((one) => ({ value: String(one), label: field.choice_titles?.[String(one)] ?? String(one) })) : NAMED[field.path];
  if (named) {
    const data = named.some((one) => one.value === text) ? named : [...named, { value: text, label: text }];
    const choose = (chosen: string | null) => onChange(given.find((one) => String(one) === chosen) ?? chosen ?? text);
    return <Select {...usual} data={data} value={text} onChange={choose} allowDeselect={false} />;
  }
  if (SUGGESTED[field.path]) return <Autocomplete {...usual} data={SUGGESTED[field.path]} value={text} onChange={onChange} />;
  return <TextInput {...usual} value={text} onChange={(event) => onChange(event.currentTarget.value === "" && field.nullable ? null : event.currentTarget.value)} />;
}
