-- What the code of version 0 (f893253) left: mine is acknowledged, paged was paged, over is over, wait waits since OVHcloud
-- has no credits, fresh came just now; what alice's channel gets is refused. Now is 1772504730000000.
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
INSERT INTO "confirmations" VALUES('+33612345678','alice',1772503860000000);
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
INSERT INTO "events" VALUES(1,1,0,'paged','firing','alice (team ops, root route)',1772503800000000,1772503800000000,1);
INSERT INTO "events" VALUES(2,2,0,'paged','firing','alice (team ops, root route)',1772503800000000,1772503800000000,1);
INSERT INTO "events" VALUES(3,1,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100001, tag mm9yzx6o37cwhgpf, 1 credit',1772503800000000,1772503800000000,1);
INSERT INTO "events" VALUES(4,2,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100002, tag mm9yzx6o491kllby, 1 credit',1772503800000000,1772503800000000,1);
INSERT INTO "events" VALUES(5,1,0,'channel','told','page to alice by ntfy',1772503800000000,1772503800000000,1);
INSERT INTO "events" VALUES(6,2,0,'channel','told','page to alice by ntfy',1772503800000000,1772503800000000,1);
INSERT INTO "events" VALUES(7,1,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1772503810000000,1772503810000000,1);
INSERT INTO "events" VALUES(8,2,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1772503810000000,1772503810000000,1);
INSERT INTO "events" VALUES(9,1,0,'answered','acknowledged','alice, by command',1772503860000000,1772503860000000,1);
INSERT INTO "events" VALUES(10,3,0,'paged','firing','alice (team ops, root route)',1772503890000000,1772503890000000,1);
INSERT INTO "events" VALUES(11,3,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100004, tag mm9z1umoiqe0mbmi, 1 credit',1772503890000000,1772503890000000,1);
INSERT INTO "events" VALUES(12,3,0,'channel','told','page to alice by ntfy',1772503890000000,1772503890000000,1);
INSERT INTO "events" VALUES(13,3,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1772503900000000,1772503900000000,1);
INSERT INTO "events" VALUES(14,3,0,'closed','resolved','OK to alice',1772503950000000,1772503950000000,1);
INSERT INTO "events" VALUES(15,3,0,'attempt','accepted','OK to alice (+33*******78): OVH id 100005, tag mm9z34xcpq49erjz, 1 credit',1772503950000000,1772503950000000,1);
INSERT INTO "events" VALUES(16,3,0,'channel','told','OK to alice by ntfy',1772503950000000,1772503950000000,1);
INSERT INTO "events" VALUES(17,3,0,'receipt','delivered','OK to alice (+33*******78): DLR 1, PTT 4: delivered',1772503960000000,1772503960000000,1);
INSERT INTO "events" VALUES(18,4,0,'paged','firing','alice (team ops, root route)',1772504010000000,1772504010000000,1);
INSERT INTO "events" VALUES(19,4,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1772504010000000,1772504705000000,26);
INSERT INTO "events" VALUES(20,4,0,'channel','retry','page to alice by ntfy: refused',1772504010000000,1772504530000000,6);
INSERT INTO "events" VALUES(21,4,0,'channel','told','no SMS left, to the fallback by ntfy',1772504010000000,1772504010000000,1);
INSERT INTO "events" VALUES(22,2,0,'moved_on','unanswered','team ops, after 1 round',1772504100000000,1772504100000000,1);
INSERT INTO "events" VALUES(23,2,0,'channel','told','nobody answered, to the fallback by ntfy',1772504100000000,1772504100000000,1);
INSERT INTO "events" VALUES(24,4,0,'attempt','recomposed','',1772504615000000,1772504615000000,1);
INSERT INTO "events" VALUES(25,5,0,'paged','firing','alice (team ops, root route)',1772504730000000,1772504730000000,1);
CREATE TABLE facts (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "facts" VALUES('receipt_secret','6N2yrfFfBXnaZdOWJ-OLrnSL',1772503800000000);
INSERT INTO "facts" VALUES('page_secret','VRc14b36ZzFuBj3szA4gAuIwGBqyDdto',1772503800000000);
INSERT INTO "facts" VALUES('api_token','hKouLQGhI8unebWW9DT95xxBwVd-abnh',1772503800000000);
INSERT INTO "facts" VALUES('way_out','',1772504010000000);
INSERT INTO "facts" VALUES('notice:account:first','',1772504011000000);
CREATE TABLE heartbeats (
	name TEXT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	last_seen_at BIGINT, 
	silent_since BIGINT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "heartbeats" VALUES('backup','well',1772503800000000,1772503800000000);
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
INSERT INTO "incidents" VALUES(1,X'4174FB4F492925456FDE726B1EAFCA7B','ops','acknowledged','acknowledged',1,0,'{"alertname":"HighCPU","instance":"mine","severity":"critical"}','{"summary":"CPU above 90% for 5 min"}','mine',0,'sms','alertmanager',1772503800000000,1772503800000000,NULL,1772503800000000,NULL,1772503800000000,NULL,1772503800000000,'alice',0,0,1,1772511060000000,0,1772503800000000,1772503800000000,1772503860000000,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(2,X'BF23A648D30E1E9996C51BFC98D04878','ops','open','firing',1,0,'{"alertname":"HighCPU","instance":"paged","severity":"critical"}','{"summary":"CPU above 90% for 5 min"}','paged',0,'sms','alertmanager',1772503800000000,1772503800000000,NULL,1772503800000000,NULL,1772503800000000,NULL,1772503800000000,'',0,1,1,1772505600000000,0,1772503800000000,1772503800000000,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(3,X'E7FB6F1962249440D6C311B474E9015A','ops','closed','resolved',1,0,'{"alertname":"HighCPU","instance":"over","severity":"critical"}','{"summary":"CPU above 90% for 5 min"}','over',0,'sms','alertmanager',1772503800000000,1772503800000000,1772504520000000,1772503890000000,1772503950000000,1772503950000000,NULL,1772503890000000,'',0,0,1,NULL,0,1772503890000000,1772503890000000,NULL,'[1772503950000000]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(4,X'F9A6EDF2A1A0123F3518190725B75C40','ops','open','firing',1,0,'{"alertname":"HighCPU","instance":"wait","severity":"critical"}','{"summary":"CPU above 90% for 5 min"}','wait',0,'sms','alertmanager',1772503800000000,1772503800000000,NULL,1772504010000000,NULL,1772504010000000,NULL,NULL,'',0,0,1,1772504790000000,0,1772504430000000,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(5,X'355E04C625804297118A23B128F07C80','ops','open','firing',1,0,'{"alertname":"HighCPU","instance":"fresh","severity":"critical"}','{"summary":"CPU above 90% for 5 min"}','fresh',0,'sms','alertmanager',1772503800000000,1772503800000000,NULL,1772504730000000,NULL,1772504730000000,NULL,NULL,'',0,0,1,1772505030000000,0,1772504730000000,NULL,NULL,'[]',NULL,NULL,0,NULL);
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
INSERT INTO "messages" VALUES(1858604944588918701,'mm9yzx6o37cwhgpf','alice','ops','+33612345678','CRITICAL HighCPU mine: CPU above 90% for 5 min #1 https://pager.example.org/a/8bKtGphE',1,'page',0,'delivered',1,0,NULL,NULL,1772503800000000,'',NULL,100001,1772503800000000,1772503800000000,1772503800000000,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1772503801000000);
INSERT INTO "messages" VALUES(1858604944588918702,'mm9yzx6o491kllby','alice','ops','+33612345678','CRITICAL HighCPU paged: CPU above 90% for 5 min #2 https://pager.example.org/a/fx3vp8VB',1,'page',0,'delivered',1,0,NULL,NULL,1772503800000000,'',NULL,100002,1772503800000000,1772503800000000,1772503800000000,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1772503801000000);
INSERT INTO "messages" VALUES(1858604944589047743,'mm9yzx6oc07flupc','alice','','+33612345678','alertsms pages alice on this phone. To confirm, open https://pager.example.org/a/7pucwtQ7',1,'notice',4,'delivered',1,0,NULL,NULL,1772503800000000,'',NULL,100003,1772503800000000,1772503800000000,1772503800000000,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1772503801000000);
INSERT INTO "messages" VALUES(1858605038960767392,'mm9z1umoiqe0mbmi','alice','ops','+33612345678','CRITICAL HighCPU over: CPU above 90% for 5 min #3 https://pager.example.org/a/kpQTEsqQ',1,'page',0,'delivered',1,0,NULL,NULL,1772503890000000,'',NULL,100004,1772503890000000,1772503890000000,1772503890000000,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1772503891000000);
INSERT INTO "messages" VALUES(1858605101875407802,'mm9z34xcpq49erjz','alice','ops','+33612345678','OK HighCPU over after 12 min #3',1,'resolved',6,'delivered',1,0,NULL,NULL,1772503950000000,'',NULL,100005,1772503950000000,1772503950000000,1772503950000000,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1772503951000000);
INSERT INTO "messages" VALUES(1858605164790015196,'mm9z4f80nvvgwbr1','alice','ops','+33612345678','CRITICAL HighCPU wait since 02:10: CPU above 90% for 5 min #4 https://pager.example.org/a/Dc6NyVRL',1,'page',0,'cancelled',22,0,NULL,NULL,1772504585000000,'',NULL,NULL,1772504010000000,1772504010000000,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.69a64609.52)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(1858605799178499240,'mm9zhe1kb8ntpu4h','alice','ops','+33612345678','CRITICAL HighCPU wait since 02:10: CPU above 90% for 5 min #4 https://pager.example.org/a/cG9SYjpG',1,'page',0,'queued',4,0,NULL,NULL,1772504705000000,'',NULL,NULL,1772504010000000,1772504615000000,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.69a64681.60)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
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
INSERT INTO "pages" VALUES(1,NULL,'alice','','notice',4,1772503800000000,1772503800000000,'claimed',0,0,0,0,NULL,1858604944589047743,0,0,'alertsms pages alice on this phone. To confirm, open https://pager.example.org/a/7pucwtQ7');
INSERT INTO "pages" VALUES(2,1,'alice','ops','page',0,1772503800000000,1772503800000000,'claimed',0,0,0,0,NULL,1858604944588918701,0,0,'');
INSERT INTO "pages" VALUES(3,2,'alice','ops','page',0,1772503800000000,1772503800000000,'claimed',0,0,0,0,NULL,1858604944588918702,0,0,'');
INSERT INTO "pages" VALUES(4,3,'alice','ops','page',0,1772503890000000,1772503890000000,'claimed',0,0,0,0,NULL,1858605038960767392,0,0,'');
INSERT INTO "pages" VALUES(5,3,'alice','ops','resolved',6,1772503950000000,1772503950000000,'claimed',0,0,0,0,NULL,1858605101875407802,0,0,'');
INSERT INTO "pages" VALUES(6,4,'alice','ops','page',0,1772504010000000,1772504010000000,'claimed',0,0,0,0,NULL,1858605799178499240,0,0,'');
INSERT INTO "pages" VALUES(7,5,'alice','ops','page',0,1772504730000000,1772504730000000,'queued',0,0,0,0,NULL,NULL,0,0,'');
CREATE TABLE pauses (
	id INTEGER NOT NULL, 
	team TEXT NOT NULL, 
	begins_at BIGINT NOT NULL, 
	ends_at BIGINT NOT NULL, 
	"by" TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "pauses" VALUES(1,'db',1772503890000000,1772507490000000,'alice','backup moves');
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
INSERT INTO "posts" VALUES(1,'person:alice',1,'page',0,0,'',1772503800000000,1772503860000000,'sent',1,NULL,'');
INSERT INTO "posts" VALUES(2,'person:alice',2,'page',0,0,'',1772503800000000,1772503860000000,'sent',1,NULL,'');
INSERT INTO "posts" VALUES(3,'person:alice',3,'page',0,0,'',1772503890000000,1772503950000000,'sent',1,NULL,'');
INSERT INTO "posts" VALUES(4,'person:alice',3,'resolved',0,0,'',1772503950000000,1772504010000000,'sent',1,NULL,'');
INSERT INTO "posts" VALUES(5,'person:alice',4,'page',0,0,'',1772504010000000,1772505130000000,'queued',6,NULL,'ntfy: refused');
INSERT INTO "posts" VALUES(6,'global',4,'unsent',0,0,'',1772504010000000,1772504070000000,'sent',1,NULL,'');
INSERT INTO "posts" VALUES(7,'global',NULL,'notice',0,0,'SMS account first not usable, pages wait: no credits are left: buy some in the OVHcloud manager, and switch automatic recredit on (send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.69a643ca.10))',1772504011000000,1772504071000000,'sent',1,NULL,'');
INSERT INTO "posts" VALUES(8,'global',2,'unanswered',0,0,'',1772504100000000,1772504160000000,'sent',1,NULL,'');
INSERT INTO "posts" VALUES(9,'person:alice',5,'page',0,0,'',1772504730000000,1772504730000000,'queued',0,NULL,'');
CREATE TABLE tokens (
	token VARCHAR(10) NOT NULL, 
	person TEXT NOT NULL, 
	incident_id INTEGER, 
	digest INTEGER, 
	number TEXT, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (token)
);
INSERT INTO "tokens" VALUES('7pucwtQ7','alice',NULL,NULL,'+33612345678',1772503800000000);
INSERT INTO "tokens" VALUES('8bKtGphE','alice',1,NULL,NULL,1772503800000000);
INSERT INTO "tokens" VALUES('fx3vp8VB','alice',2,NULL,NULL,1772503800000000);
INSERT INTO "tokens" VALUES('kpQTEsqQ','alice',3,NULL,NULL,1772503890000000);
INSERT INTO "tokens" VALUES('Dc6NyVRL','alice',4,NULL,NULL,1772504010000000);
INSERT INTO "tokens" VALUES('cG9SYjpG','alice',4,NULL,NULL,1772504615000000);
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
INSERT INTO "sqlite_sequence" VALUES('pages',7);
INSERT INTO "sqlite_sequence" VALUES('incidents',5);
COMMIT;
