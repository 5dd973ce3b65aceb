-- What is done with releases: the state of each operation, so that it outlives the process that does it, and what happened
-- during it. The releases themselves are in their clusters, and nowhere else.

create table operation (
    -- 128 random bits in hex: whoever knows one still needs the right to see its release
    operation_id text not null,
    kind text not null,
    cluster text not null,
    namespace text not null,
    release_name text not null,
    state text not null,
    -- The user's name, and as whom the cluster is asked, also when the operation is brought to an end later
    actor text not null,
    kubernetes_user text not null,
    -- JSON array
    kubernetes_groups text not null,
    -- `user:key` of a request that may be sent twice, and the SHA-256 of what it asked for
    idempotency_key text,
    request_digest bytea not null,
    -- The process that does it; it says again and again that it is alive
    owner text not null,
    seen_at bigint not null,
    -- The revision that it recorded
    revision bigint,
    cancel_requested_at bigint,
    message text not null,
    created_at bigint not null,
    ended_at bigint,
    constraint operation_pkey primary key (operation_id),
    constraint operation_idempotency_key_key unique (idempotency_key),
    constraint operation_kind_check check (kind in ('install', 'upgrade', 'rollback', 'uninstall', 'test')),
    constraint operation_state_check
        check (state in ('queued', 'running', 'succeeded', 'failed', 'canceled', 'interrupted'))
);

-- Of one release one operation at a time, whichever replica does it.
create unique index operation_open_key on operation (cluster, namespace, release_name)
    where state in ('queued', 'running');

create index operation_created_at_idx on operation (created_at);

create table operation_event (
    operation_id text not null,
    number bigint not null,
    happened_at bigint not null,
    -- JSON
    what text not null,
    constraint operation_event_pkey primary key (operation_id, number),
    constraint operation_event_operation_id_fkey
        foreign key (operation_id) references operation (operation_id) on delete cascade
);
