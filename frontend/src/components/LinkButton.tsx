import { ActionIcon, type ActionIconProps, Button, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes } from "react";

type AnchorAttributes = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps>;

/** A button that goes to a page; its address is checked against the routes. */
export const LinkButton = createLink((props: ButtonProps & AnchorAttributes) => <Button component="a" {...props} />);

export const LinkIcon = createLink((props: ActionIconProps & AnchorAttributes) => <ActionIcon component="a" {...props} />);
