// Purpose, ticket and reason of a request, in the requester's words.
import type { AccessRequestView } from '../../api/types.ts';
import { UserText } from '../../components/user-text.tsx';
import { useWords } from '../../i18n/use-words.ts';

type Props = { readonly request: Pick<AccessRequestView, 'purpose' | 'ticket' | 'reason'> };

export function ReasonText({ request }: Props) {
  const words = useWords();
  return (
    <section className="card pad stack g3">
      <div className="row wrap">
        <span className="tag line tall">{words.purpose(request.purpose)}</span>
        {request.ticket === null ? null : (
          <span className="tag line tall whole">
            <UserText text={request.ticket} />
          </span>
        )}
      </div>
      <p className="say">
        <UserText text={request.reason} />
      </p>
    </section>
  );
}
