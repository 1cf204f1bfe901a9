import type { JSX } from "preact";
import type { Source } from "../api/source";
import type { Replay, View } from "../api/types";
import { CopyButton } from "../app/copy";
import { duration, stamp } from "../app/format";
import { Badge, Icon, type Sign } from "../app/icon";
import { standing, told } from "../app/standing";
import { ReplayBox } from "./parts/replay";
import { CertificateLink, stem } from "./parts/saved";

type Facts = NonNullable<View["certificate"]>;

/** What vouches for the verdict: audits, axioms, environment, and the means to check it all again. */
export function ChecksPanel({ view, source, replayed, onReplayed }: {
  view: View; source: Source; replayed: Replay | null; onReplayed: (said: Replay | null) => void;
}): JSX.Element {
  const { certificate, axioms } = view;
  if (!certificate) {
    return (
      <section class="checks-panel">
        <header class="panel-head"><h2>Checks</h2></header>
        <Axioms axioms={axioms} />
        <p class="muted">There is no certificate: only proved and disproved obligations have one.</p>
      </section>
    );
  }
  return (
    <section class="checks-panel">
      <header class="panel-head">
        <h2>Certificate</h2>
        <Badge {...told(certificate.verdict, standing(view, source.exported, replayed))} />
        <span class="push" />
        <CertificateLink view={view} source={source} />
      </header>
      <ReplayBox key={certificate.id} id={certificate.id} file={`${stem(view)}.lemmata.json`} source={source} said={replayed} onSaid={onReplayed} />
      <Audits audits={certificate.audits} />
      {(view.system === "coq" || (axioms && axioms.length > 0)) && <Axioms axioms={axioms} />}
      <Provenance certificate={certificate} />
      <Environment environment={certificate.environment} />
    </section>
  );
}

const RESULTS: Record<string, Sign> = { passed: "proved", failed: "failed", error: "error", unknown: "unknown" };

function Audits({ audits }: { audits: Facts["audits"] }): JSX.Element {
  if (audits.length === 0) return <section><h3>Audits</h3><p class="muted">None is recorded.</p></section>;
  return (
    <section>
      <h3>Audits <span class="muted">as the certificate records them</span></h3>
      <ul class="check-list">
        {audits.map((audit, i) => {
          const sign = (Object.hasOwn(RESULTS, audit.result) && RESULTS[audit.result]) || "unknown";
          return (
            <li key={i}>
              <span class={`status is-${sign}`}><Icon sign={sign} /> {audit.result}</span>
              <span class="break">{audit.command}{audit.detail !== "" && <span class="audit-detail muted">{audit.detail.slice(0, 5000)}</span>}</span>
              <span class="number muted">{duration(audit.seconds)}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Axioms({ axioms }: { axioms: string[] | null }): JSX.Element | null {
  if (axioms === null) return null;
  return (
    <section>
      <h3>Axioms</h3>
      {axioms.length === 0
        ? <p class="axioms"><span class="status is-proved"><Icon sign="proved" /> none</span> <span class="muted">The proof assumes nothing beyond its logic.</span></p>
        : <ul class="plain-list">{axioms.slice(0, 500).map((axiom, i) => <li key={i} class="mono break">{axiom}</li>)}</ul>}
    </section>
  );
}

function Provenance({ certificate }: { certificate: Facts }): JSX.Element {
  const created = Date.parse(certificate.created);
  return (
    <section>
      <h3>Provenance</h3>
      <table class="pairs">
        <tbody>
          <tr><th scope="row">Created</th><td>{Number.isNaN(created) ? certificate.created : <time dateTime={certificate.created}>{stamp(created / 1000)}</time>}</td></tr>
          <tr><th scope="row">By</th><td>Lemmata {certificate.version}</td></tr>
          <tr><th scope="row">Provers</th><td>{certificate.provers.length > 0 ? certificate.provers.join(", ") : "–"}</td></tr>
          <tr><th scope="row">Time</th><td>{duration(certificate.seconds)}</td></tr>
          <tr>
            <th scope="row">Digest</th>
            <td><span class="digest mono">{certificate.digest}</span> <CopyButton text={certificate.digest} what="the digest" /></td>
          </tr>
        </tbody>
      </table>
    </section>
  );
}

function Environment({ environment }: { environment: Record<string, string> }): JSX.Element | null {
  const names = Object.keys(environment);
  if (names.length === 0) return null;
  return (
    <section>
      <h3>Environment</h3>
      <table class="pairs">
        <tbody>
          {names.slice(0, 500).map((name) => <tr key={name}><th scope="row">{name}</th><td class="mono break">{String(environment[name])}</td></tr>)}
        </tbody>
      </table>
    </section>
  );
}
