// A button, and the dialog that it opens once what is in force has been read: the start of a proposal.
import { Modal, type ModalProps } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type QueryKey, type UseQueryOptions, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ErrorCard } from './error-card.tsx';
import { Skeleton } from './skeleton.tsx';

type Props<Data, Key extends QueryKey> = {
  readonly query: UseQueryOptions<Data, Error, Data, Key>;
  readonly button: string;
  readonly title: string;
  readonly cancel: string;
  readonly size?: ModalProps['size'];
  readonly children: (data: Data, close: () => void) => ReactNode;
};

export function ProposeDialog<Data, Key extends QueryKey>(props: Props<Data, Key>) {
  const { query, button, title, cancel, size = 'md', children } = props;
  const [opened, { open, close }] = useDisclosure(false);
  const read = useQuery({ ...query, enabled: opened });
  return (
    <div className="propose">
      <button type="button" className="btn" onClick={open}>
        {button}
      </button>
      <Modal opened={opened} onClose={close} size={size} title={title} closeButtonProps={{ 'aria-label': cancel }}>
        {read.isPending ? <Skeleton rows={5} shape="lines" /> : null}
        {read.isError ? <ErrorCard bare error={read.error} onRetry={() => void read.refetch()} /> : null}
        {read.data === undefined ? null : children(read.data, close)}
      </Modal>
    </div>
  );
}
