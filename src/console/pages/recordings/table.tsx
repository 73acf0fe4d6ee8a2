// Table of recordings: renders only the rows in view, and loads further ones near the end.
import './table.css';
import { useMediaQuery } from '@mantine/hooks';
import { FlexRender, type Row, useTable } from '@tanstack/react-table';
import { useVirtualizer, useWindowVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Recording } from '../../api/types.ts';
import { useRowChoice } from '../../components/use-row-choice.ts';
import { settings } from '../../state/settings.ts';
import { useStore } from '../../state/store.ts';
import { AccessSummaryContext, useAccessSummary } from './access-summary.ts';
import { columns, features, RowChoiceContext } from './columns.tsx';
import { ListFooter } from './list-footer.tsx';
import { useSelectable } from './use-selectable.ts';

/** Height of a table row; as cards, on small screens, about this. */
const ROW_PX = 44;
const CARD_PX = 168;
/** Further rows are loaded this many rows before the end. */
const PREFETCH_ROWS = 20;

type Props = {
  readonly rows: Recording[];
  /** Counter of new lists; each new list is shown from its top. */
  readonly anew: number;
  readonly more: boolean;
  readonly loading: boolean;
  readonly readMore: () => void;
};

export function RecordingsTable({ rows, anew, more, loading, readMore }: Props) {
  const { t } = useTranslation('recordings');
  const summaryOf = useAccessSummary();
  const scroller = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const asCards = useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false });
  const isSelectable = useSelectable();
  const table = useTable({
    features,
    columns,
    data: rows,
    getRowId: ({ id }) => id,
    enableRowSelection: ({ original }) => isSelectable(original),
  });
  const all = table.getRowModel().rows;
  const selected = table.getSelectedRowModel().rows;
  const open = useMemo(() => rows.filter(isSelectable).map(({ id }) => id), [rows, isSelectable]);
  const choose = (ids: readonly string[], on: boolean): void =>
    table.setRowSelection((before) => {
      const left = Object.keys(before).filter((id) => !ids.includes(id));
      return Object.fromEntries([...left, ...(on ? ids : [])].map((id) => [id, true]));
    });
  const chosen = new Set(selected.map(({ id }) => id));
  const choice = useRowChoice(open, chosen, choose, useStore(settings).listKeys);
  const pick = useRef(choice.pick);
  pick.current = choice.pick;
  const [pickRow] = useState(
    () =>
      (...row: Parameters<typeof choice.pick>) =>
        pick.current(...row),
  );
  const usual = { count: all.length, estimateSize: () => (asCards ? CARD_PX : ROW_PX), overscan: 12 };
  const inPanel = useVirtualizer({ ...usual, enabled: !asCards, getScrollElement: () => scroller.current });
  const scrollMargin = body.current?.offsetTop ?? 0;
  const inWindow = useWindowVirtualizer({ ...usual, enabled: asCards, scrollMargin });
  const virtual = asCards ? inWindow : inPanel;
  const shown = virtual.getVirtualItems();
  const margin = asCards ? scrollMargin : 0;
  const last = shown.at(-1);
  const near = last !== undefined && last.index >= all.length - PREFETCH_ROWS;
  useEffect(() => {
    if (near && more && !loading) readMore();
  }, [near, more, loading, readMore]);
  const { scrollToOffset } = virtual;
  useEffect(() => {
    if (anew > 0) scrollToOffset(0);
  }, [anew, scrollToOffset]);
  const page = (): number => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_PX) - 2);
  const go = (pages: number): void => {
    const first = Math.round((scroller.current?.scrollTop ?? 0) / ROW_PX);
    virtual.scrollToIndex(Math.max(0, Math.min(all.length - 1, first + pages * page())), { align: 'start' });
  };
  const [before, after] = [
    (shown[0]?.start ?? margin) - margin,
    virtual.getTotalSize() - ((last?.end ?? margin) - margin),
  ];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys move between the boxes inside
    <section className="card list" ref={choice.table} onKeyDown={choice.onKeyDown}>
      <div className="list-in" ref={scroller}>
        <table className="tbl recs" aria-rowcount={more ? -1 : all.length + 1}>
          <colgroup>
            {table.getAllLeafColumns().map(({ id }) => (
              <col key={id} className={`c-${id}`} />
            ))}
          </colgroup>
          <thead>
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id} aria-rowindex={1}>
                {group.headers.map((header) => (
                  <th
                    key={header.id}
                    scope="col"
                    className={header.id === 'length' ? 'r' : undefined}
                    aria-sort={header.id === 'time' ? 'descending' : undefined}
                  >
                    <table.FlexRender header={header} />
                  </th>
                ))}
              </tr>
            ))}
          </thead>
          <tbody ref={body}>
            <RowChoiceContext value={pickRow}>
              <AccessSummaryContext value={summaryOf}>
                {before > 0 ? <SpacerRow height={before} /> : null}
                {shown.map(({ index }) => {
                  const row = all[index];
                  if (row === undefined) return null;
                  const on = row.getIsSelected();
                  return (
                    <ListRow
                      key={row.id}
                      row={row}
                      on={on}
                      index={index}
                      measure={asCards ? virtual.measureElement : null}
                    />
                  );
                })}
                {after > 0 ? <SpacerRow height={after} /> : null}
              </AccessSummaryContext>
            </RowChoiceContext>
          </tbody>
        </table>
      </div>
      <div className="sr" role="status">
        {loading ? t('foot.loading') : ''}
      </div>
      <ListFooter
        selected={selected.map(({ original }) => original)}
        clear={() => table.resetRowSelection(true)}
        newer={(shown[0]?.index ?? 0) > 0 && (virtual.scrollOffset ?? 0) > margin + 4 ? () => go(-1) : null}
        older={more || (last?.index ?? 0) < all.length - 1 || !isNearEnd(scroller.current) ? () => go(1) : null}
      />
    </section>
  );
}

type RowProps = {
  readonly row: Row<typeof features, Recording>;
  readonly on: boolean;
  readonly index: number;
  readonly measure: ((element: Element | null) => void) | null;
};

/**
 * Memoised: rerenders only when the recording or its selection changes, so that scrolling renders only the rows that
 * come into view.
 */
const ListRow = memo(
  ({ row, on, index, measure }: RowProps) => (
    <tr
      data-index={index}
      ref={measure ?? undefined}
      aria-rowindex={index + 2}
      className={`${on ? 'sel' : ''} ${row.original.state.startsWith('eras') ? 'off' : ''}`}
    >
      {row.getAllCells().map((cell) => (
        <td key={cell.id} className={`d-${cell.column.id}`}>
          <FlexRender cell={cell} />
        </td>
      ))}
    </tr>
  ),
  (one, other) =>
    one.row.original === other.row.original &&
    one.on === other.on &&
    one.index === other.index &&
    one.measure === other.measure,
);

function isNearEnd(element: HTMLElement | null): boolean {
  return element === null || element.scrollTop + element.clientHeight >= element.scrollHeight - 4;
}

/**
 * Spacer for the rows that are not rendered. It has one cell: a `colSpan` over columns that a narrow window hides would
 * add columns to the table and take width from the last one.
 */
function SpacerRow({ height }: { readonly height: number }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row takes no focus
    <tr className="space" aria-hidden="true">
      <td style={{ height }} />
    </tr>
  );
}
