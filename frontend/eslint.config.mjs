import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const noBarrels = {
  files: ["src/**/*.{ts,tsx}"],
  rules: {
    "no-restricted-syntax": [
      "error",
      { selector: "ExportAllDeclaration", message: "No barrel files: import from the module itself." },
      { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "Data never becomes markup." },
    ],
    "no-restricted-imports": ["error", { patterns: [{ regex: "/index$|^@/[a-z]+$", message: "No barrel imports." }] }],
  },
};

const pureCore = {
  files: ["src/core/**/*.ts"],
  rules: {
    "no-restricted-imports": [
      "error",
      { patterns: [{ regex: "^react|^@mantine|^@tanstack|^@/(pages|components|data|canvas)", message: "core is pure TypeScript." }] },
    ],
  },
};

export default tseslint.config(
  { ignores: ["node_modules", "src/api/schema.d.ts", "../backend"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { "react-hooks": reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/only-throw-error": [
        "error",
        { allowThrowingUnknown: true, allowRethrowing: true, allow: [{ from: "package", name: "Redirect", package: "@tanstack/router-core" }] },
      ],
      // The React compiler is not used, so what it would skip does not matter.
      "react-hooks/incompatible-library": "off",
    },
  },
  noBarrels,
  pureCore,
  { files: ["*.mjs", "scripts/*.mjs"], ...tseslint.configs.disableTypeChecked },
  { files: ["scripts/*.mjs"], languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly" } } },
);
