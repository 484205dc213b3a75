import { Button, Drawer, Tabs, Text } from "@mantine/core";
import { IconSparkles } from "@tabler/icons-react";
import { useState } from "react";

import { ChecksTab } from "./ChecksTab";
import { PeopleTab } from "./PeopleTab";
import { PrelabelsTab } from "./PrelabelsTab";

/** All about the queue of frames: pre-labels, who does what, and labels to look at again. */
export function QueueDrawer({ project, canEdit }: { project: string; canEdit: boolean }) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button variant="default" leftSection={<IconSparkles size={14} />} onClick={() => setOpened(true)}>
        Queue
      </Button>
      <Drawer opened={opened} onClose={() => setOpened(false)} position="right" size={620} title={<Text fw={600}>Queue</Text>}>
        <Tabs defaultValue="prelabels" keepMounted={false}>
          <Tabs.List mb="md">
            <Tabs.Tab value="prelabels">Pre-labels</Tabs.Tab>
            <Tabs.Tab value="people">People</Tabs.Tab>
            <Tabs.Tab value="checks">Checks</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="prelabels">
            <PrelabelsTab project={project} canEdit={canEdit} />
          </Tabs.Panel>
          <Tabs.Panel value="people">
            <PeopleTab project={project} />
          </Tabs.Panel>
          <Tabs.Panel value="checks">
            <ChecksTab project={project} />
          </Tabs.Panel>
        </Tabs>
      </Drawer>
    </>
  );
}
