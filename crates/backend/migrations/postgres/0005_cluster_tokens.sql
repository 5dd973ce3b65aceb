-- Tokens of clusters that users gave, for as long as their session lasts.

create table session_cluster_token (
    session_id bigint not null,
    cluster text not null,
    -- Under the secret of the session, of which this database holds a hash alone
    sealed bytea not null,
    -- As the cluster calls who shows it
    kubernetes_user text not null,
    -- Seconds since 1970 in UTC
    given_at bigint not null,
    -- When it says itself that it ends
    expires_at bigint,
    constraint session_cluster_token_pkey primary key (session_id, cluster),
    constraint session_cluster_token_session_id_fkey foreign key (session_id)
        references session (session_id) on delete cascade
);

-- Whether the cluster is asked with a token of the user, which is kept nowhere, instead of as `kubernetes_user`
alter table operation add column by_token boolean not null default false;
