import type { LabelAction, LabelContext } from "./action";

function step(c: LabelContext, by: 1 | -1): void {
  const count = c.individuals.length;
  const next = c.individuals[(c.individuals.indexOf(c.individual) + by + count) % count];
  if (next !== undefined) c.chooseIndividual(next);
}

export const nextAnimal: LabelAction = { id: "animal.next", title: "Next animal", keys: ["W"], run: (c) => step(c, 1) };

export const previousAnimal: LabelAction = { id: "animal.previous", title: "Previous animal", keys: ["Shift+W"], run: (c) => step(c, -1) };
