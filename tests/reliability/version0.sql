-- at 1796000557393876
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE confirmations (
	number TEXT NOT NULL, 
	person TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (number)
);
CREATE TABLE events (
	id INTEGER NOT NULL, 
	incident_id INTEGER NOT NULL, 
	episode INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	reason VARCHAR(32) NOT NULL, 
	detail TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	last_at BIGINT NOT NULL, 
	count INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT events_once UNIQUE (incident_id, episode, kind, reason, detail)
);
INSERT INTO "events" VALUES(1,1,0,'paged','firing','alice (team ops, root route)',1796000538560178,1796000538560178,1);
INSERT INTO "events" VALUES(2,1,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100001, tag mx2kcktm6znlo84l, 1 credit',1796000538908151,1796000538908151,1);
INSERT INTO "events" VALUES(3,1,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796000548939068,1796000548939068,1);
INSERT INTO "events" VALUES(4,2,0,'paged','firing','alice (team ops, root route)',1796000555797242,1796000555797242,1);
INSERT INTO "events" VALUES(5,3,0,'paged','firing','alice (team ops, root route)',1796000555804801,1796000555804801,1);
INSERT INTO "events" VALUES(6,2,0,'attempt','retry','SMS to alice (+33*******78): send: unreachable: ConnectionRefusedError: [Errno 111] Connection refused',1796000555851326,1796000556995871,2);
INSERT INTO "events" VALUES(7,3,0,'attempt','retry','SMS to alice (+33*******78): send: unreachable: ConnectionRefusedError: [Errno 111] Connection refused',1796000555988966,1796000557087692,2);
CREATE TABLE facts (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "facts" VALUES('receipt_secret','Nrw014-WEp0sqKC-JMrtvXID',1796000536534246);
INSERT INTO "facts" VALUES('page_secret','pSZN7XjibUdtfDzwTKB6n0VuaSTDRuhk',1796000536534246);
INSERT INTO "facts" VALUES('api_token','exxH5Ndlo87-jqpLG3uXQoP2e8HKcday',1796000536534246);
INSERT INTO "facts" VALUES('config','
ovh: {endpoint: "http://127.0.0.1:31961/1.0", application_key: sandbox-key, application_secret: sandbox-secret, consumer_key: sandbox-consumer, service_name: sms-xx00000-1, sender: ACME}
people: {alice: "+33612345678"}
teams: {ops: {page: [alice], rounds: 1}}
route: {team: ops}
storm: {after: 0}
server: {listen: "127.0.0.1:31962", external_url: "https://pager.example.org"}
',1796000537744463);
INSERT INTO "facts" VALUES('way_out','',1796000548233023);
INSERT INTO "facts" VALUES('ready','',1796000538161709);
INSERT INTO "facts" VALUES('credits','999999.0',1796000548817068);
CREATE TABLE heartbeats (
	name TEXT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	last_seen_at BIGINT, 
	silent_since BIGINT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE incidents (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	"key" BLOB NOT NULL, 
	team TEXT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	reason VARCHAR(32) NOT NULL, 
	current BOOLEAN NOT NULL, 
	severity SMALLINT NOT NULL, 
	labels TEXT NOT NULL, 
	annotations TEXT NOT NULL, 
	place TEXT NOT NULL, 
	truncated INTEGER NOT NULL, 
	receiver TEXT NOT NULL, 
	source VARCHAR(32) NOT NULL, 
	starts_at BIGINT, 
	latest_start BIGINT, 
	ends_at BIGINT, 
	opened_at BIGINT NOT NULL, 
	closed_at BIGINT, 
	last_seen_at BIGINT NOT NULL, 
	begun_at BIGINT, 
	last_paged_at BIGINT, 
	acked_by TEXT NOT NULL, 
	episode INTEGER NOT NULL, 
	round INTEGER NOT NULL, 
	paged INTEGER NOT NULL, 
	step_due_at BIGINT
, step SMALLINT DEFAULT '0' NOT NULL, step_at BIGINT, step_sent_at BIGINT, acked_at BIGINT, closings TEXT DEFAULT '[]' NOT NULL, flap_due_at BIGINT, absent_at BIGINT, began INTEGER DEFAULT '0' NOT NULL, snoozed_until BIGINT);
INSERT INTO "incidents" VALUES(1,X'A776D11D7104A3DF2F13639F6FD8E9D4','ops','open','firing',1,0,'{"alertname":"Sent","instance":"web-01","severity":"critical"}','{"summary":"CPU above 90% for 5 min"}','web-01',0,'sms','alertmanager',1796000538000000,1796000538000000,NULL,1796000538560178,NULL,1796000538560178,NULL,1796000538908151,'',0,0,1,1796000838560178,0,1796000538560178,1796000538908151,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(2,X'3CF53453C40CCDA4CC125935E4B3A771','ops','open','firing',1,0,'{"alertname":"Waiting1","instance":"web-01","severity":"critical"}','{"summary":"CPU above 90% for 5 min"}','web-01',0,'sms','alertmanager',1796000555000000,1796000555000000,NULL,1796000555797242,NULL,1796000555797242,NULL,NULL,'',0,0,1,1796000855797242,0,1796000555797242,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(3,X'780326305ACEE00B75627320AA678A1C','ops','open','firing',1,0,'{"alertname":"Waiting2","instance":"web-01","severity":"critical"}','{"summary":"CPU above 90% for 5 min"}','web-01',0,'sms','alertmanager',1796000555000000,1796000555000000,NULL,1796000555804801,NULL,1796000555804801,NULL,NULL,'',0,0,1,1796000855804801,0,1796000555804801,NULL,NULL,'[]',NULL,NULL,0,NULL);
CREATE TABLE messages (
	id INTEGER NOT NULL, 
	tag VARCHAR(16) NOT NULL, 
	person TEXT NOT NULL, 
	team TEXT NOT NULL, 
	number TEXT NOT NULL, 
	text TEXT NOT NULL, 
	segments SMALLINT NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	priority SMALLINT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	attempts INTEGER NOT NULL, 
	resends INTEGER NOT NULL, 
	resent_at BIGINT, 
	unknown_since BIGINT, 
	due_at BIGINT NOT NULL, 
	lease_owner VARCHAR(32) NOT NULL, 
	lease_until BIGINT, 
	ovh_id BIGINT, 
	asked_at BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	sent_at BIGINT, 
	credits DOUBLE, 
	error TEXT NOT NULL, 
	account VARCHAR(16) NOT NULL, 
	digest INTEGER, 
	streak SMALLINT NOT NULL, 
	receipt_due_at BIGINT, 
	poll_at BIGINT, 
	polls SMALLINT NOT NULL, 
	dlr INTEGER, 
	ptt INTEGER, 
	delivered_at BIGINT, 
	PRIMARY KEY (id), 
	UNIQUE (tag)
);
INSERT INTO "messages" VALUES(1883243060899571922,'mx2kcktm6znlo84l','alice','ops','+33612345678','CRITICAL Sent web-01: CPU above 90% for 5 min #1 https://pager.example.org/a/pGGEfd9G',1,'page',0,'delivered',1,0,NULL,NULL,1796000538730146,'',NULL,100001,1796000538560178,1796000538730146,1796000538908151,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796000539000000);
INSERT INTO "messages" VALUES(1883243078799770906,'mx2kcxzth835g8lg','alice','ops','+33612345678','CRITICAL Waiting1 web-01: CPU above 90% for 5 min #2 https://pager.example.org/a/RaWfAf8i',1,'page',0,'queued',2,0,NULL,NULL,1796000558777806,'',NULL,NULL,1796000555797242,1796000555801025,NULL,NULL,'send: unreachable: ConnectionRefusedError: [Errno 111] Connection refused','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(1883243078841692264,'mx2kcy0x11ccq0fx','alice','ops','+33612345678','CRITICAL Waiting2 web-01: CPU above 90% for 5 min #3 https://pager.example.org/a/YghBYwVw',1,'page',0,'queued',2,0,NULL,NULL,1796000559325297,'',NULL,NULL,1796000555804801,1796000555841306,NULL,NULL,'send: unreachable: ConnectionRefusedError: [Errno 111] Connection refused','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
CREATE TABLE pages (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	incident_id INTEGER, 
	person TEXT NOT NULL, 
	team TEXT NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	priority SMALLINT NOT NULL, 
	due_at BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	episode INTEGER NOT NULL, 
	round INTEGER DEFAULT '0' NOT NULL, 
	step INTEGER DEFAULT '0' NOT NULL, 
	nth INTEGER NOT NULL, 
	after_page INTEGER, 
	message_id INTEGER, 
	phone SMALLINT NOT NULL, 
	plain BOOLEAN NOT NULL, 
	note TEXT NOT NULL, 
	CONSTRAINT pages_once UNIQUE (incident_id, person, kind, episode, round, step, nth, phone)
);
INSERT INTO "pages" VALUES(1,1,'alice','ops','page',0,1796000538560178,1796000538560178,'claimed',0,0,0,0,NULL,1883243060899571922,0,0,'');
INSERT INTO "pages" VALUES(2,2,'alice','ops','page',0,1796000555797242,1796000555797242,'claimed',0,0,0,0,NULL,1883243078799770906,0,0,'');
INSERT INTO "pages" VALUES(3,3,'alice','ops','page',0,1796000555804801,1796000555804801,'claimed',0,0,0,0,NULL,1883243078841692264,0,0,'');
CREATE TABLE pauses (
	id INTEGER NOT NULL, 
	team TEXT NOT NULL, 
	begins_at BIGINT NOT NULL, 
	ends_at BIGINT NOT NULL, 
	"by" TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE posts (
	id INTEGER NOT NULL, 
	target TEXT NOT NULL, 
	incident_id INTEGER, 
	kind VARCHAR(16) NOT NULL, 
	episode INTEGER NOT NULL, 
	nth INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	due_at BIGINT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	attempts INTEGER NOT NULL, 
	lease_until BIGINT, 
	error TEXT NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT posts_once UNIQUE (target, incident_id, kind, episode, nth)
);
CREATE TABLE tokens (
	token VARCHAR(10) NOT NULL, 
	person TEXT NOT NULL, 
	incident_id INTEGER, 
	digest INTEGER, 
	number TEXT, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (token)
);
INSERT INTO "tokens" VALUES('pGGEfd9G','alice',1,NULL,NULL,1796000538730146);
INSERT INTO "tokens" VALUES('RaWfAf8i','alice',2,NULL,NULL,1796000555801025);
INSERT INTO "tokens" VALUES('YghBYwVw','alice',3,NULL,NULL,1796000555841306);
CREATE INDEX incidents_closed ON incidents (closed_at) WHERE state = 'closed';
CREATE UNIQUE INDEX incidents_current ON incidents ("key", team) WHERE current = 1;
CREATE INDEX incidents_due ON incidents (step_due_at, id) WHERE step_due_at IS NOT NULL;
CREATE INDEX incidents_held ON incidents (id) WHERE state = 'held';
CREATE INDEX incidents_unfinished ON incidents (last_seen_at) WHERE state <> 'closed';
CREATE INDEX pages_after ON pages (after_page) WHERE state = 'waiting';
CREATE INDEX pages_due ON pages (priority, due_at, id) WHERE state = 'queued';
CREATE INDEX pages_person ON pages (person, state, priority, created_at);
CREATE INDEX pages_message ON pages (message_id);
CREATE INDEX messages_created ON messages (created_at);
CREATE INDEX messages_digest ON messages (digest) WHERE digest IS NOT NULL;
CREATE INDEX messages_due ON messages (priority, due_at, id) WHERE state = 'queued';
CREATE INDEX messages_leased ON messages (lease_until) WHERE state = 'sending';
CREATE INDEX messages_ovh_id ON messages (ovh_id);
CREATE INDEX messages_overdue ON messages (receipt_due_at) WHERE receipt_due_at IS NOT NULL;
CREATE INDEX messages_person ON messages (person, sent_at);
CREATE INDEX messages_polled ON messages (poll_at) WHERE poll_at IS NOT NULL;
CREATE INDEX messages_unknown ON messages (due_at, id) WHERE state = 'unknown';
CREATE INDEX posts_incident ON posts (incident_id);
CREATE INDEX posts_due ON posts (due_at, id) WHERE state = 'queued';
CREATE INDEX posts_created ON posts (created_at);
CREATE INDEX tokens_created ON tokens (created_at);
CREATE INDEX tokens_incident ON tokens (incident_id) WHERE incident_id IS NOT NULL;
CREATE INDEX pauses_ends ON pauses (ends_at);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('incidents',3);
INSERT INTO "sqlite_sequence" VALUES('pages',3);
COMMIT;
