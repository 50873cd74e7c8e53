-- What the last audit found, for whoever asks and for the metrics of every node. report: JSON, as the API answers it.
CREATE TABLE audit_report (
  is_only    boolean     PRIMARY KEY DEFAULT true,
  checked_at timestamptz NOT NULL,
  took_ms    bigint      NOT NULL,
  broken     integer     NOT NULL,
  report     text        NOT NULL,
  CONSTRAINT audit_report_is_only CHECK (is_only),
  CONSTRAINT audit_report_took_ms CHECK (took_ms >= 0),
  CONSTRAINT audit_report_broken CHECK (broken >= 0)
);

-- The audit's sums of the ledger of money, without reading its messages.
CREATE INDEX payment_event_money ON payment_event (payment_id) INCLUDE (captured, refunded)
  WHERE captured <> 0 OR refunded <> 0;

-- Tasks that are done are forgotten after a while; those with a key are kept for it.
CREATE INDEX task_done ON task (finished_at) WHERE state = 'done' AND unique_key IS NULL;
