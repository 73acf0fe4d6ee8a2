// The foot of a list that has more: a button that reads the next page.
type Props = {
  readonly list: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => Promise<unknown>;
  };
  readonly text: string;
};

export function MoreRows({ list, text }: Props) {
  if (!list.hasNextPage) return null;
  return (
    <div className="tfoot">
      <button
        type="button"
        className="btn s"
        disabled={list.isFetchingNextPage}
        onClick={() => void list.fetchNextPage()}
      >
        {text}
      </button>
    </div>
  );
}
