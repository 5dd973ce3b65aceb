-- Who may come in and do what: users, their roles, sessions and API tokens; and what was done.
--
-- Of every secret only a hash is kept: of passwords by Argon2id, of what we draw ourselves (256 random bits, which nobody
-- can guess) by SHA-256. Points in time are seconds since 1970 in UTC.

-- Every change of users and roles updates this row first, so that two changes at once happen one after the other: each
-- must see whether an administrator is left.
create table access_state (
    access_state_id bigint not null,
    generation bigint not null,
    constraint access_state_pkey primary key (access_state_id),
    constraint access_state_one_row check (access_state_id = 1)
);

insert into access_state (access_state_id, generation) values (1, 1);

-- Users are never deleted: the audit log and releases name them.
create table "user" (
    user_id bigint not null generated always as identity,
    name text not null,
    -- Argon2id with its parameters and salt
    password_hash text not null,
    -- Whom clusters see instead of the name
    kubernetes_user text,
    -- JSON array: groups that clusters see besides our own
    kubernetes_groups text not null default '[]',
    created_at bigint not null,
    password_changed_at bigint not null,
    last_sign_in_at bigint,
    disabled_at bigint,
    constraint user_pkey primary key (user_id),
    constraint user_name_key unique (name)
);

create table role_grant (
    role_grant_id bigint not null generated always as identity,
    user_id bigint not null,
    role text not null,
    -- `*` means all of them, those of the future, too
    cluster text not null,
    namespace text not null,
    constraint role_grant_pkey primary key (role_grant_id),
    constraint role_grant_user_id_role_cluster_namespace_key unique (user_id, role, cluster, namespace),
    constraint role_grant_role_check check (role in ('viewer', 'operator', 'admin')),
    constraint role_grant_user_id_fkey foreign key (user_id) references "user" (user_id) on delete cascade
);

create table session (
    session_id bigint not null generated always as identity,
    user_id bigint not null,
    secret_hash bytea not null,
    created_at bigint not null,
    last_seen_at bigint not null,
    expires_at bigint not null,
    -- Where it began, for its user to recognise it
    address text not null,
    browser text not null,
    constraint session_pkey primary key (session_id),
    constraint session_secret_hash_key unique (secret_hash),
    constraint session_user_id_fkey foreign key (user_id) references "user" (user_id) on delete cascade
);

create index session_user_id_idx on session (user_id);

create table api_token (
    api_token_id bigint not null generated always as identity,
    user_id bigint not null,
    label text not null,
    secret_hash bytea not null,
    -- Its first characters, to tell it from others
    hint text not null,
    -- JSON array
    scopes text not null,
    created_at bigint not null,
    expires_at bigint not null,
    last_used_at bigint,
    constraint api_token_pkey primary key (api_token_id),
    constraint api_token_secret_hash_key unique (secret_hash),
    constraint api_token_user_id_fkey foreign key (user_id) references "user" (user_id) on delete cascade
);

create index api_token_user_id_idx on api_token (user_id);

-- Links that make the first user. All of them are gone once there is one.
create table setup_link (
    setup_link_id bigint not null generated always as identity,
    secret_hash bytea not null,
    created_at bigint not null,
    expires_at bigint not null,
    constraint setup_link_pkey primary key (setup_link_id),
    constraint setup_link_secret_hash_key unique (secret_hash)
);

-- What was done, and what was tried in vain. It refers to nothing, so that it outlives everything.
create table audit_entry (
    audit_entry_id bigint not null generated always as identity,
    happened_at bigint not null,
    -- Empty where nobody was signed in
    actor text not null,
    -- `session`, `token`, `command line`, or empty
    via text not null,
    action text not null,
    object text not null,
    -- `done`, `refused` or `failed`
    outcome text not null,
    detail text not null,
    address text not null,
    constraint audit_entry_pkey primary key (audit_entry_id),
    constraint audit_entry_outcome_check check (outcome in ('done', 'refused', 'failed'))
);

create function audit_entry_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only';
end
$$;

create trigger audit_entry_no_change before update or delete on audit_entry
    for each row execute function audit_entry_is_append_only();

create trigger audit_entry_no_truncate before truncate on audit_entry
    for each statement execute function audit_entry_is_append_only();
