-- Who may pull, push and delete hosted charts of which tenants, besides what roles allow. Rights add up; there is none that
-- takes another away.

create table hosted_grant (
    hosted_grant_id integer not null,
    -- Null where it is a group's
    user_id bigint,
    -- Empty where it is a user's
    group_name text not null,
    -- A tenant, `tenant/*` for all below it, or `*`
    place text not null,
    -- `pull`, `push` or `delete`
    access text not null,
    -- Seconds since 1970 in UTC
    granted_at bigint not null,
    granted_by text not null,
    constraint hosted_grant_pkey primary key (hosted_grant_id),
    constraint hosted_grant_user_id_fkey foreign key (user_id) references "user" (user_id) on delete cascade
);

create index hosted_grant_user_id_idx on hosted_grant (user_id);
