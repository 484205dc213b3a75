import {
  ActionIcon, Alert, Anchor, Badge, Button, Checkbox, createTheme, type CSSVariablesResolver, Drawer, Loader, Menu, Modal, NativeSelect,
  NumberInput, PasswordInput, Progress, Radio, SegmentedControl, Select, Skeleton, Switch, Tabs, Text, Textarea, TextInput, Tooltip,
} from "@mantine/core";

const petrol = [
  "#e9f5f7", "#d3e8ed", "#a8d2dc", "#78bac9", "#4fa3b7", "#2f90a7", "#1a8199", "#0f6e84", "#0a5c6f", "#064a5a",
] as const;
const slate = [
  "#f7f8f9", "#eff1f3", "#e3e6ea", "#d3d8de", "#c3cad2", "#8b95a3", "#667080", "#4b5563", "#343c48", "#1f2530",
] as const;
const night = [
  "#d5d9df", "#aab2bd", "#8a94a3", "#5d6877", "#3a424e", "#2c333d", "#21262e", "#191d24", "#13171c", "#0d1014",
] as const;

const small = { defaultProps: { size: "sm" } };
const input = { defaultProps: { size: "sm" }, styles: { label: { fontWeight: 500, marginBottom: 4 }, description: { fontSize: 12 } } };

export const theme = createTheme({
  primaryColor: "petrol",
  primaryShade: { light: 7, dark: 6 },
  colors: { petrol, gray: slate, dark: night },
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace",
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  lineHeights: { xs: "1.35", sm: "1.45", md: "1.5", lg: "1.5", xl: "1.4" },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "24px", xl: "32px" },
  radius: { xs: "3px", sm: "5px", md: "7px", lg: "10px", xl: "16px" },
  defaultRadius: "sm",
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "20px", lineHeight: "28px" },
      h2: { fontSize: "16px", lineHeight: "24px" },
      h3: { fontSize: "14px", lineHeight: "20px" },
    },
  },
  cursorType: "pointer",
  components: {
    Text: Text.extend(small),
    Anchor: Anchor.extend(small),
    Button: Button.extend({ defaultProps: { size: "xs" }, styles: { root: { fontSize: 13, fontWeight: 500 } } }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: "subtle", color: "gray", size: "md" } }),
    TextInput: TextInput.extend(input),
    PasswordInput: PasswordInput.extend(input),
    NumberInput: NumberInput.extend(input),
    Textarea: Textarea.extend(input),
    Select: Select.extend(input),
    NativeSelect: NativeSelect.extend(input),
    Checkbox: Checkbox.extend({ defaultProps: { size: "xs" } }),
    Radio: Radio.extend({ defaultProps: { size: "xs" }, styles: { description: { fontSize: 12 } } }),
    Drawer: Drawer.extend({ defaultProps: { overlayProps: { opacity: 0.25 }, transitionProps: { duration: 120 } } }),
    Switch: Switch.extend({ defaultProps: { size: "xs" } }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: { size: "xs" } }),
    Badge: Badge.extend({ defaultProps: { variant: "light", radius: "sm", tt: "none", fw: 500 } }),
    Alert: Alert.extend({ defaultProps: { variant: "light" } }),
    Tabs: Tabs.extend({ defaultProps: { keepMounted: false } }),
    Modal: Modal.extend({
      defaultProps: { centered: false, yOffset: "8vh", overlayProps: { opacity: 0.35 }, transitionProps: { duration: 120 } },
      styles: { title: { fontWeight: 600, fontSize: 16 } },
    }),
    Menu: Menu.extend({ defaultProps: { shadow: "md", transitionProps: { duration: 80 } } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, transitionProps: { duration: 80 } } }),
    Progress: Progress.extend({ defaultProps: { size: 4, radius: "xl" } }),
    Skeleton: Skeleton.extend({ defaultProps: { radius: "sm" } }),
    Loader: Loader.extend(small),
  },
});

/** Surfaces and state colours; the states follow Okabe and Ito, so that they differ without red and green. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--tb-bg": "#ffffff",
    "--tb-sunken": "#f7f8f9",
    "--tb-border": "#e3e6ea",
    "--tb-muted": "#5f6977",
    "--tb-hover": "#f2f4f6",
    "--tb-selected": "#e9f5f7",
    "--tb-good": "#00795a",
    "--tb-busy": "#0067a8",
    "--tb-warn": "#9a6700",
    "--tb-bad": "#b84a00",
    "--tb-curve-train": "#0072b2",
    "--tb-curve-validation": "#d55e00",
    "--tb-plot-1": "#0072b2",
    "--tb-plot-2": "#d55e00",
    "--tb-plot-3": "#009e73",
    "--tb-plot-4": "#cc79a7",
    "--tb-plot-5": "#8a6d00",
    "--tb-plot-6": "#3f4a58",
    "--mantine-color-body": "#ffffff",
    "--mantine-color-dimmed": "#5f6977",
  },
  dark: {
    "--tb-bg": "#13171c",
    "--tb-sunken": "#0f1216",
    "--tb-border": "#262c35",
    "--tb-muted": "#98a2b0",
    "--tb-hover": "#1b2027",
    "--tb-selected": "#12303a",
    "--tb-good": "#3cc59a",
    "--tb-busy": "#62b5e8",
    "--tb-warn": "#e6b94d",
    "--tb-bad": "#f2874b",
    "--tb-curve-train": "#56b4e9",
    "--tb-curve-validation": "#e69f00",
    "--tb-plot-1": "#56b4e9",
    "--tb-plot-2": "#e69f00",
    "--tb-plot-3": "#2fc79a",
    "--tb-plot-4": "#e39ac4",
    "--tb-plot-5": "#f0e442",
    "--tb-plot-6": "#c3cad2",
    "--mantine-color-body": "#13171c",
    "--mantine-color-dimmed": "#98a2b0",
  },
});
