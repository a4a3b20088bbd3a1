-- at 1796039185634426
-- since 1796038570924739
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('1000');
CREATE TABLE api_tokens (
	name TEXT NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	"full" BOOLEAN NOT NULL, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (name)
);
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
INSERT INTO "events" VALUES(1,1,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(2,2,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(3,3,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(4,4,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(5,5,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(6,6,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(7,7,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(8,8,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(9,9,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(10,10,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(11,11,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(12,12,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(13,13,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(14,14,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(15,15,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(16,16,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(17,17,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(18,18,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(19,19,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(20,20,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(21,21,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(22,22,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(23,23,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(24,24,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(25,25,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(26,26,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(27,27,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(28,28,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(29,29,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(30,30,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(31,31,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(32,32,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(33,33,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(34,34,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(35,35,0,'paged','firing','alice (team ops, root route)',1796039172211219,1796039172211219,1);
INSERT INTO "events" VALUES(36,1,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100001, tag krelmx37cmm80i6h, 1 credit',1796039172239656,1796039172239656,1);
INSERT INTO "events" VALUES(37,2,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100003, tag krelmx37cmm81f33, 1 credit',1796039172243258,1796039172243258,1);
INSERT INTO "events" VALUES(38,3,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100002, tag krelmx37cmm84y9f, 1 credit',1796039172244542,1796039172244542,1);
INSERT INTO "events" VALUES(39,4,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100004, tag krelmx37cmm84y9g, 1 credit',1796039172244814,1796039172244814,1);
INSERT INTO "events" VALUES(40,5,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100005, tag krelmx37cmmw26m8, 1 credit',1796039172258820,1796039172258820,1);
INSERT INTO "events" VALUES(41,6,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100007, tag krelmx37cmn223sw, 1 credit',1796039172263015,1796039172263015,1);
INSERT INTO "events" VALUES(42,7,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100008, tag krelmx37cmn223sx, 1 credit',1796039172263718,1796039172263718,1);
INSERT INTO "events" VALUES(43,8,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100006, tag krelmx37cmn235f0, 1 credit',1796039172263982,1796039172263982,1);
INSERT INTO "events" VALUES(44,9,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100009, tag krelmx37cmnd3usn, 1 credit',1796039172271472,1796039172271472,1);
INSERT INTO "events" VALUES(45,10,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100010, tag krelmx37cmng4ufx, 1 credit',1796039172277286,1796039172277286,1);
INSERT INTO "events" VALUES(46,13,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100011, tag krelmx37cmng4ug0, 1 credit',1796039172277559,1796039172277559,1);
INSERT INTO "events" VALUES(47,12,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100012, tag krelmx37cmng4ufz, 1 credit',1796039172277984,1796039172277984,1);
INSERT INTO "events" VALUES(48,11,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100013, tag krelmx37cmng4ufy, 1 credit',1796039172278256,1796039172278256,1);
INSERT INTO "events" VALUES(49,14,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100014, tag krelmx37cmnr0kha, 1 credit',1796039172285483,1796039172285483,1);
INSERT INTO "events" VALUES(50,15,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100015, tag krelmx37cmnr0khb, 1 credit',1796039172287594,1796039172287594,1);
INSERT INTO "events" VALUES(51,16,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100017, tag krelmx37cmnr2xu9, 1 credit',1796039172290568,1796039172290568,1);
INSERT INTO "events" VALUES(52,17,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100016, tag krelmx37cmnr4na6, 1 credit',1796039172290850,1796039172290850,1);
INSERT INTO "events" VALUES(53,18,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100018, tag krelmx37cmny2zsg, 1 credit',1796039172293919,1796039172293919,1);
INSERT INTO "events" VALUES(54,19,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100019, tag krelmx37cmo31fem, 1 credit',1796039172301046,1796039172301046,1);
INSERT INTO "events" VALUES(55,21,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100021, tag krelmx37cmo92qrp, 1 credit',1796039172306826,1796039172306826,1);
INSERT INTO "events" VALUES(56,22,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100022, tag krelmx37cmo92qrq, 1 credit',1796039172307568,1796039172307568,1);
INSERT INTO "events" VALUES(57,20,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100020, tag krelmx37cmo91tkb, 1 credit',1796039172307926,1796039172307926,1);
INSERT INTO "events" VALUES(58,23,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100023, tag krelmx37cmof0559, 1 credit',1796039172310260,1796039172310260,1);
INSERT INTO "events" VALUES(59,26,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100025, tag krelmx37cmon5k4x, 1 credit',1796039172320049,1796039172320049,1);
INSERT INTO "events" VALUES(60,24,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100024, tag krelmx37cmon4j88, 1 credit',1796039172320395,1796039172320395,1);
INSERT INTO "events" VALUES(61,25,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100026, tag krelmx37cmon5k4w, 1 credit',1796039172321062,1796039172321062,1);
INSERT INTO "events" VALUES(62,27,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100027, tag krelmx37cmor2cas, 1 credit',1796039172325166,1796039172325166,1);
INSERT INTO "events" VALUES(63,30,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100029, tag krelmx37cmoy523c, 1 credit',1796039172330860,1796039172330860,1);
INSERT INTO "events" VALUES(64,29,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100028, tag krelmx37cmoy523b, 1 credit',1796039172331975,1796039172331975,1);
INSERT INTO "events" VALUES(65,31,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100030, tag krelmx37cmoy523d, 1 credit',1796039172332420,1796039172332420,1);
INSERT INTO "events" VALUES(66,28,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100031, tag krelmx37cmoy2yks, 1 credit',1796039172332632,1796039172332632,1);
INSERT INTO "events" VALUES(67,32,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100032, tag krelmx37cmp91vkh, 1 credit',1796039172340381,1796039172340381,1);
INSERT INTO "events" VALUES(68,33,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100034, tag krelmx37cmpe30zg, 1 credit',1796039172346575,1796039172346575,1);
INSERT INTO "events" VALUES(69,35,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100033, tag krelmx37cmpe30zi, 1 credit',1796039172347009,1796039172347009,1);
INSERT INTO "events" VALUES(70,34,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100035, tag krelmx37cmpe30zh, 1 credit',1796039172347386,1796039172347386,1);
INSERT INTO "events" VALUES(71,1,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182245091,1796039182245091,1);
INSERT INTO "events" VALUES(72,2,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182248680,1796039182248680,1);
INSERT INTO "events" VALUES(73,3,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182248680,1796039182248680,1);
INSERT INTO "events" VALUES(74,4,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182248680,1796039182248680,1);
INSERT INTO "events" VALUES(75,5,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182261750,1796039182261750,1);
INSERT INTO "events" VALUES(76,6,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182265057,1796039182265057,1);
INSERT INTO "events" VALUES(77,7,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182267133,1796039182267133,1);
INSERT INTO "events" VALUES(78,8,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182267133,1796039182267133,1);
INSERT INTO "events" VALUES(79,9,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182273792,1796039182273792,1);
INSERT INTO "events" VALUES(80,10,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182279394,1796039182279394,1);
INSERT INTO "events" VALUES(81,11,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182281629,1796039182281629,1);
INSERT INTO "events" VALUES(82,12,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182281629,1796039182281629,1);
INSERT INTO "events" VALUES(83,13,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182281629,1796039182281629,1);
INSERT INTO "events" VALUES(84,14,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182287537,1796039182287537,1);
INSERT INTO "events" VALUES(85,15,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182289651,1796039182289651,1);
INSERT INTO "events" VALUES(86,16,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182292603,1796039182292603,1);
INSERT INTO "events" VALUES(87,17,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182292603,1796039182292603,1);
INSERT INTO "events" VALUES(88,18,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182295819,1796039182295819,1);
INSERT INTO "events" VALUES(89,19,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182303684,1796039182303684,1);
INSERT INTO "events" VALUES(90,21,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182309303,1796039182309303,1);
INSERT INTO "events" VALUES(91,20,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182311602,1796039182311602,1);
INSERT INTO "events" VALUES(92,22,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182311602,1796039182311602,1);
INSERT INTO "events" VALUES(93,23,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182313722,1796039182313722,1);
INSERT INTO "events" VALUES(94,24,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182322612,1796039182322612,1);
INSERT INTO "events" VALUES(95,26,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182322612,1796039182322612,1);
INSERT INTO "events" VALUES(96,25,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182325212,1796039182325212,1);
INSERT INTO "events" VALUES(97,27,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182327367,1796039182327367,1);
INSERT INTO "events" VALUES(98,30,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182332963,1796039182332963,1);
INSERT INTO "events" VALUES(99,28,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182335557,1796039182335557,1);
INSERT INTO "events" VALUES(100,29,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182335557,1796039182335557,1);
INSERT INTO "events" VALUES(101,31,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182335557,1796039182335557,1);
INSERT INTO "events" VALUES(102,32,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182342624,1796039182342624,1);
INSERT INTO "events" VALUES(103,33,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182348868,1796039182348868,1);
INSERT INTO "events" VALUES(104,34,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182351422,1796039182351422,1);
INSERT INTO "events" VALUES(105,35,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796039182351422,1796039182351422,1);
INSERT INTO "events" VALUES(106,21,0,'answered','acknowledged','alice, by api',1796039182532636,1796039182532636,1);
INSERT INTO "events" VALUES(107,22,0,'answered','acknowledged','alice, by api',1796039182532636,1796039182532636,1);
INSERT INTO "events" VALUES(108,23,0,'answered','acknowledged','alice, by api',1796039182532636,1796039182532636,1);
INSERT INTO "events" VALUES(109,24,0,'answered','acknowledged','alice, by api',1796039182532636,1796039182532636,1);
INSERT INTO "events" VALUES(110,25,0,'answered','acknowledged','alice, by api',1796039182532636,1796039182532636,1);
INSERT INTO "events" VALUES(111,26,0,'answered','acknowledged','alice, by api',1796039182532636,1796039182532636,1);
INSERT INTO "events" VALUES(112,27,0,'answered','acknowledged','alice, by api',1796039182532636,1796039182532636,1);
INSERT INTO "events" VALUES(113,28,0,'answered','acknowledged','alice, by api',1796039182532636,1796039182532636,1);
INSERT INTO "events" VALUES(114,29,0,'answered','acknowledged','alice, by api',1796039182532636,1796039182532636,1);
INSERT INTO "events" VALUES(115,30,0,'answered','acknowledged','alice, by api',1796039182532636,1796039182532636,1);
INSERT INTO "events" VALUES(116,31,0,'answered','acknowledged','alice, by api',1796039182532636,1796039182532636,1);
INSERT INTO "events" VALUES(117,32,0,'answered','acknowledged','alice, by api',1796039182532636,1796039182532636,1);
INSERT INTO "events" VALUES(118,33,0,'answered','acknowledged','alice, by api',1796039182532636,1796039182532636,1);
INSERT INTO "events" VALUES(119,34,0,'answered','acknowledged','alice, by api',1796039182532636,1796039182532636,1);
INSERT INTO "events" VALUES(120,35,0,'answered','acknowledged','alice, by api',1796039182532636,1796039182532636,1);
INSERT INTO "events" VALUES(121,36,0,'paged','firing','alice (team ops, root route)',1796039182547070,1796039182547070,1);
INSERT INTO "events" VALUES(122,37,0,'paged','firing','alice (team ops, root route)',1796039182547070,1796039182547070,1);
INSERT INTO "events" VALUES(123,38,0,'paged','firing','alice (team ops, root route)',1796039182547070,1796039182547070,1);
INSERT INTO "events" VALUES(124,39,0,'paged','firing','alice (team ops, root route)',1796039182547070,1796039182547070,1);
INSERT INTO "events" VALUES(125,40,0,'paged','firing','alice (team ops, root route)',1796039182547070,1796039182547070,1);
INSERT INTO "events" VALUES(126,41,0,'paged','firing','alice (team ops, root route)',1796039182547070,1796039182547070,1);
INSERT INTO "events" VALUES(127,42,0,'paged','firing','alice (team ops, root route)',1796039182547070,1796039182547070,1);
INSERT INTO "events" VALUES(128,43,0,'paged','firing','alice (team ops, root route)',1796039182547070,1796039182547070,1);
INSERT INTO "events" VALUES(129,44,0,'paged','firing','alice (team ops, root route)',1796039182547070,1796039182547070,1);
INSERT INTO "events" VALUES(130,45,0,'paged','firing','alice (team ops, root route)',1796039182547070,1796039182547070,1);
INSERT INTO "events" VALUES(131,46,0,'paged','firing','alice (team ops, root route)',1796039182547070,1796039182547070,1);
INSERT INTO "events" VALUES(132,47,0,'paged','firing','alice (team ops, root route)',1796039182547070,1796039182547070,1);
INSERT INTO "events" VALUES(133,48,0,'paged','firing','alice (team ops, root route)',1796039182547070,1796039182547070,1);
INSERT INTO "events" VALUES(134,49,0,'paged','firing','alice (team ops, root route)',1796039182547070,1796039182547070,1);
INSERT INTO "events" VALUES(135,50,0,'paged','firing','alice (team ops, root route)',1796039182547070,1796039182547070,1);
INSERT INTO "events" VALUES(136,36,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1796039182559584,1796039182559584,1);
INSERT INTO "events" VALUES(137,38,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1796039182560572,1796039182560572,1);
INSERT INTO "events" VALUES(138,37,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1796039182561197,1796039182561197,1);
INSERT INTO "events" VALUES(139,39,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1796039182561776,1796039182561776,1);
CREATE TABLE facts (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "facts" VALUES('installation','krel',1796039172124915);
INSERT INTO "facts" VALUES('receipts-by:196c045c09d16b8d2804fdf350e34ed6a1f684900d1aa216aebac3874f570cfc','',1796039172134901);
INSERT INTO "facts" VALUES('key','Yt3E91wng9lk4g3RL5ELNtDAZ7Jzlm2dxUZYboy6sdM',1796039172134901);
INSERT INTO "facts" VALUES('sender','ACME',0);
INSERT INTO "facts" VALUES('way_out','',1796039182175662);
INSERT INTO "facts" VALUES('people','["alice", "bob"]',1796039172165624);
INSERT INTO "facts" VALUES('ready','6927962d',1796039182200102);
INSERT INTO "facts" VALUES('credits','999965.0',1796039182205178);
INSERT INTO "facts" VALUES('notice:account:first','',1796039182560837);
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
	step_due_at BIGINT, 
	step SMALLINT DEFAULT '0' NOT NULL, 
	step_at BIGINT, 
	step_sent_at BIGINT, 
	acked_at BIGINT, 
	closings TEXT DEFAULT '[]' NOT NULL, 
	flap_due_at BIGINT, 
	absent_at BIGINT, 
	began INTEGER DEFAULT '0' NOT NULL, 
	snoozed_until BIGINT
);
INSERT INTO "incidents" VALUES(1,X'5AEE388813A8DCD70BCB87C6D01A3C19','ops','open','firing',1,0,'{"alertname":"Open00","instance":"db-1","severity":"critical"}','{"summary":"Open00 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172239656,'',0,0,1,1796039292211219,0,1796039172211219,1796039172239656,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(2,X'D55EEAA504765F0207E3A273B08D5E99','ops','open','firing',1,0,'{"alertname":"Open01","instance":"db-1","severity":"critical"}','{"summary":"Open01 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172243258,'',0,0,1,1796039292211219,0,1796039172211219,1796039172243258,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(3,X'10FA4245BDFFAB9D6308414AC86E5DBA','ops','open','firing',1,0,'{"alertname":"Open02","instance":"db-1","severity":"critical"}','{"summary":"Open02 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172244542,'',0,0,1,1796039292211219,0,1796039172211219,1796039172244542,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(4,X'70D7B62A50627EFD9ABE5E9F49ADCC00','ops','open','firing',1,0,'{"alertname":"Open03","instance":"db-1","severity":"critical"}','{"summary":"Open03 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172244814,'',0,0,1,1796039292211219,0,1796039172211219,1796039172244814,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(5,X'AD3F14FE84B0523ADF79518FC638AF10','ops','open','firing',1,0,'{"alertname":"Open04","instance":"db-1","severity":"critical"}','{"summary":"Open04 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172258820,'',0,0,1,1796039292211219,0,1796039172211219,1796039172258820,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(6,X'16B6C829217F11A42FC044C1590AEF2B','ops','open','firing',1,0,'{"alertname":"Open05","instance":"db-1","severity":"critical"}','{"summary":"Open05 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172263015,'',0,0,1,1796039292211219,0,1796039172211219,1796039172263015,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(7,X'76B81884DFA2C52E99A24DDCC4953CC5','ops','open','firing',1,0,'{"alertname":"Open06","instance":"db-1","severity":"critical"}','{"summary":"Open06 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172263718,'',0,0,1,1796039292211219,0,1796039172211219,1796039172263718,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(8,X'7F16A06C8629AE108CDC3ED5C8FFBBB1','ops','open','firing',1,0,'{"alertname":"Open07","instance":"db-1","severity":"critical"}','{"summary":"Open07 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172263982,'',0,0,1,1796039292211219,0,1796039172211219,1796039172263982,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(9,X'1C5550832AFB921C349DF60DF099311B','ops','open','firing',1,0,'{"alertname":"Open08","instance":"db-1","severity":"critical"}','{"summary":"Open08 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172271472,'',0,0,1,1796039292211219,0,1796039172211219,1796039172271472,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(10,X'3CC8367A2A62D3C954B1BF342BC496B5','ops','open','firing',1,0,'{"alertname":"Open09","instance":"db-1","severity":"critical"}','{"summary":"Open09 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172277286,'',0,0,1,1796039292211219,0,1796039172211219,1796039172277286,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(11,X'7A724DAF9A52655ADBB30AF37C32ACF7','ops','open','firing',1,0,'{"alertname":"Open10","instance":"db-1","severity":"critical"}','{"summary":"Open10 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172278256,'',0,0,1,1796039292211219,0,1796039172211219,1796039172278256,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(12,X'28B0F5AC40E0F38D080241B5851C98CD','ops','open','firing',1,0,'{"alertname":"Open11","instance":"db-1","severity":"critical"}','{"summary":"Open11 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172277984,'',0,0,1,1796039292211219,0,1796039172211219,1796039172277984,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(13,X'8E9CB99048E2C761F818B51F0E594D21','ops','open','firing',1,0,'{"alertname":"Open12","instance":"db-1","severity":"critical"}','{"summary":"Open12 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172277559,'',0,0,1,1796039292211219,0,1796039172211219,1796039172277559,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(14,X'7E9716EAE6E4854361EFB8A7A510544E','ops','open','firing',1,0,'{"alertname":"Open13","instance":"db-1","severity":"critical"}','{"summary":"Open13 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172285483,'',0,0,1,1796039292211219,0,1796039172211219,1796039172285483,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(15,X'7C14A5D6DCF27B25310B0486B9C43843','ops','open','firing',1,0,'{"alertname":"Open14","instance":"db-1","severity":"critical"}','{"summary":"Open14 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172287594,'',0,0,1,1796039292211219,0,1796039172211219,1796039172287594,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(16,X'03DD475596E6B752F37E5EA103516578','ops','open','firing',1,0,'{"alertname":"Open15","instance":"db-1","severity":"critical"}','{"summary":"Open15 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172290568,'',0,0,1,1796039292211219,0,1796039172211219,1796039172290568,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(17,X'BA43A999211DB7A5AB02A8E004E8C674','ops','open','firing',1,0,'{"alertname":"Open16","instance":"db-1","severity":"critical"}','{"summary":"Open16 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172290850,'',0,0,1,1796039292211219,0,1796039172211219,1796039172290850,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(18,X'7418B9050DC76AC1979E3D3820B3BF9F','ops','open','firing',1,0,'{"alertname":"Open17","instance":"db-1","severity":"critical"}','{"summary":"Open17 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172293919,'',0,0,1,1796039292211219,0,1796039172211219,1796039172293919,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(19,X'4B777A846807BD081240A83F29C624C5','ops','open','firing',1,0,'{"alertname":"Open18","instance":"db-1","severity":"critical"}','{"summary":"Open18 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172301046,'',0,0,1,1796039292211219,0,1796039172211219,1796039172301046,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(20,X'6EE1F465D454C095A7CD594045E423D6','ops','open','firing',1,0,'{"alertname":"Open19","instance":"db-1","severity":"critical"}','{"summary":"Open19 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172307926,'',0,0,1,1796039292211219,0,1796039172211219,1796039172307926,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(21,X'DC69F9B5760A930C967536FA2143DD50','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine00","instance":"db-1","severity":"critical"}','{"summary":"Mine00 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172306826,'alice',0,0,1,1796046382532636,0,1796039172211219,1796039172306826,1796039182532636,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(22,X'C5728AC75119821225D9E030098D5AD3','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine01","instance":"db-1","severity":"critical"}','{"summary":"Mine01 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172307568,'alice',0,0,1,1796046382532636,0,1796039172211219,1796039172307568,1796039182532636,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(23,X'61E933B7A2790F55CD764A3C2658DE52','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine02","instance":"db-1","severity":"critical"}','{"summary":"Mine02 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172310260,'alice',0,0,1,1796046382532636,0,1796039172211219,1796039172310260,1796039182532636,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(24,X'0C8A557BC8AF450D6ED4D50E60876F18','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine03","instance":"db-1","severity":"critical"}','{"summary":"Mine03 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172320395,'alice',0,0,1,1796046382532636,0,1796039172211219,1796039172320395,1796039182532636,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(25,X'68F1074B58F25BFE7F170DF4C545959C','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine04","instance":"db-1","severity":"critical"}','{"summary":"Mine04 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172321062,'alice',0,0,1,1796046382532636,0,1796039172211219,1796039172321062,1796039182532636,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(26,X'D00936913E593B8153370D06156E6E7A','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine05","instance":"db-1","severity":"critical"}','{"summary":"Mine05 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172320049,'alice',0,0,1,1796046382532636,0,1796039172211219,1796039172320049,1796039182532636,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(27,X'373983C6E2A4A8996E15712263779DF4','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine06","instance":"db-1","severity":"critical"}','{"summary":"Mine06 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172325166,'alice',0,0,1,1796046382532636,0,1796039172211219,1796039172325166,1796039182532636,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(28,X'70CC09695046D226D9FBE2C6AF0E7895','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine07","instance":"db-1","severity":"critical"}','{"summary":"Mine07 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172332632,'alice',0,0,1,1796046382532636,0,1796039172211219,1796039172332632,1796039182532636,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(29,X'D16E9A8B5AE0FFFAB36620B845751BAB','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine08","instance":"db-1","severity":"critical"}','{"summary":"Mine08 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172331975,'alice',0,0,1,1796046382532636,0,1796039172211219,1796039172331975,1796039182532636,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(30,X'4A1122F421B0F176603978C510AE888B','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine09","instance":"db-1","severity":"critical"}','{"summary":"Mine09 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172330860,'alice',0,0,1,1796046382532636,0,1796039172211219,1796039172330860,1796039182532636,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(31,X'FC587913B83B034CC054C711A8EDBB77','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine10","instance":"db-1","severity":"critical"}','{"summary":"Mine10 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172332420,'alice',0,0,1,1796046382532636,0,1796039172211219,1796039172332420,1796039182532636,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(32,X'4D5C268EB5AE8DA92762F9F0475133F5','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine11","instance":"db-1","severity":"critical"}','{"summary":"Mine11 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172340381,'alice',0,0,1,1796046382532636,0,1796039172211219,1796039172340381,1796039182532636,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(33,X'9D3D5EEA7528A5AB1F66A59B4BEAA03F','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine12","instance":"db-1","severity":"critical"}','{"summary":"Mine12 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172346575,'alice',0,0,1,1796046382532636,0,1796039172211219,1796039172346575,1796039182532636,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(34,X'544B2095A10F10FFAD5332896058780E','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine13","instance":"db-1","severity":"critical"}','{"summary":"Mine13 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172347386,'alice',0,0,1,1796046382532636,0,1796039172211219,1796039172347386,1796039182532636,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(35,X'8764A5F6DC4D9F58B3EF2DFEA3380910','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine14","instance":"db-1","severity":"critical"}','{"summary":"Mine14 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039172211219,NULL,1796039172211219,NULL,1796039172347009,'alice',0,0,1,1796046382532636,0,1796039172211219,1796039172347009,1796039182532636,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(36,X'6A3A5C3C7B11E7C0B1977E730D2E9AF9','ops','open','firing',1,0,'{"alertname":"Wait00","instance":"db-1","severity":"critical"}','{"summary":"Wait00 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039182547070,NULL,1796039182547070,NULL,NULL,'',0,0,1,1796039302547070,0,1796039182547070,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(37,X'A51DFBD5D4E639C4767ACC644B9E75CB','ops','open','firing',1,0,'{"alertname":"Wait01","instance":"db-1","severity":"critical"}','{"summary":"Wait01 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039182547070,NULL,1796039182547070,NULL,NULL,'',0,0,1,1796039302547070,0,1796039182547070,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(38,X'406C87A9C264EC208597066324A553F7','ops','open','firing',1,0,'{"alertname":"Wait02","instance":"db-1","severity":"critical"}','{"summary":"Wait02 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039182547070,NULL,1796039182547070,NULL,NULL,'',0,0,1,1796039302547070,0,1796039182547070,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(39,X'FCDCEF5AEEB2A66FD2121C0A8E6DF7E6','ops','open','firing',1,0,'{"alertname":"Wait03","instance":"db-1","severity":"critical"}','{"summary":"Wait03 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039182547070,NULL,1796039182547070,NULL,NULL,'',0,0,1,1796039302547070,0,1796039182547070,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(40,X'8C6E92F14CC2B6B475B21B8A98B1F12C','ops','open','firing',1,0,'{"alertname":"Wait04","instance":"db-1","severity":"critical"}','{"summary":"Wait04 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039182547070,NULL,1796039182547070,NULL,NULL,'',0,0,1,1796039302547070,0,1796039182547070,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(41,X'EDD4E52D600E46BA1106182444DA3193','ops','open','firing',1,0,'{"alertname":"Wait05","instance":"db-1","severity":"critical"}','{"summary":"Wait05 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039182547070,NULL,1796039182547070,NULL,NULL,'',0,0,1,1796039302547070,0,1796039182547070,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(42,X'15A191255E3AFA6E652B0A328818A685','ops','open','firing',1,0,'{"alertname":"Wait06","instance":"db-1","severity":"critical"}','{"summary":"Wait06 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039182547070,NULL,1796039182547070,NULL,NULL,'',0,0,1,1796039302547070,0,1796039182547070,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(43,X'05976DEAF1C71E37F57B80BD00D1E3EC','ops','open','firing',1,0,'{"alertname":"Wait07","instance":"db-1","severity":"critical"}','{"summary":"Wait07 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039182547070,NULL,1796039182547070,NULL,NULL,'',0,0,1,1796039302547070,0,1796039182547070,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(44,X'DC88E153E954067D647595EB2B5FD906','ops','open','firing',1,0,'{"alertname":"Wait08","instance":"db-1","severity":"critical"}','{"summary":"Wait08 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039182547070,NULL,1796039182547070,NULL,NULL,'',0,0,1,1796039302547070,0,1796039182547070,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(45,X'70AE06FC8637A4A5919DD06EDACF96AC','ops','open','firing',1,0,'{"alertname":"Wait09","instance":"db-1","severity":"critical"}','{"summary":"Wait09 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039182547070,NULL,1796039182547070,NULL,NULL,'',0,0,1,1796039302547070,0,1796039182547070,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(46,X'5777E38EA7370609E012A7DA798DEA07','ops','open','firing',1,0,'{"alertname":"Wait10","instance":"db-1","severity":"critical"}','{"summary":"Wait10 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039182547070,NULL,1796039182547070,NULL,NULL,'',0,0,1,1796039302547070,0,1796039182547070,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(47,X'CD25AF908381D2361C913102F7B4A604','ops','open','firing',1,0,'{"alertname":"Wait11","instance":"db-1","severity":"critical"}','{"summary":"Wait11 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039182547070,NULL,1796039182547070,NULL,NULL,'',0,0,1,1796039302547070,0,1796039182547070,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(48,X'164046B87168E01D7B310055694A15AA','ops','open','firing',1,0,'{"alertname":"Wait12","instance":"db-1","severity":"critical"}','{"summary":"Wait12 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039182547070,NULL,1796039182547070,NULL,NULL,'',0,0,1,1796039302547070,0,1796039182547070,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(49,X'F433035D76CAE4113C0B14CB1A276DFD','ops','open','firing',1,0,'{"alertname":"Wait13","instance":"db-1","severity":"critical"}','{"summary":"Wait13 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039182547070,NULL,1796039182547070,NULL,NULL,'',0,0,1,1796039302547070,0,1796039182547070,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(50,X'19F7D0212A8474F2FD48B6E12FB1DEAC','ops','open','firing',1,0,'{"alertname":"Wait14","instance":"db-1","severity":"critical"}','{"summary":"Wait14 is broken"}','db-1',0,'sms','alertmanager',1796038570000000,1796038570000000,NULL,1796039182547070,NULL,1796039182547070,NULL,NULL,'',0,0,1,1796039302547070,0,1796039182547070,NULL,NULL,'[]',NULL,NULL,0,NULL);
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
INSERT INTO "messages" VALUES(1883283571053976585,'krelmx37cmm80i6h','alice','ops','+33612345678','CRITICAL Open00 db-1: Open00 is broken #1 http://127.0.0.1:25741/a/LucibBj8SHn',1,'page',0,'delivered',1,0,NULL,NULL,1796039172224831,'',NULL,100001,1796039172211219,1796039172224831,1796039172239656,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571054019231,'krelmx37cmm81f33','alice','ops','+33612345678','CRITICAL Open01 db-1: Open01 is broken #2 http://127.0.0.1:25741/a/M83fGv7eNaK',1,'page',0,'delivered',1,0,NULL,NULL,1796039172224831,'',NULL,100003,1796039172211219,1796039172224831,1796039172243258,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571054184051,'krelmx37cmm84y9f','alice','ops','+33612345678','CRITICAL Open02 db-1: Open02 is broken #3 http://127.0.0.1:25741/a/NSuND4zMJTw',1,'page',0,'delivered',1,0,NULL,NULL,1796039172224831,'',NULL,100002,1796039172211219,1796039172224831,1796039172244542,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571054184052,'krelmx37cmm84y9g','alice','ops','+33612345678','CRITICAL Open03 db-1: Open03 is broken #4 http://127.0.0.1:25741/a/zcYgnfGuEdM',1,'page',0,'delivered',1,0,NULL,NULL,1796039172224831,'',NULL,100004,1796039172211219,1796039172224831,1796039172244814,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571079220736,'krelmx37cmmw26m8','alice','ops','+33612345678','CRITICAL Open04 db-1: Open04 is broken #5 http://127.0.0.1:25741/a/N5WexGSGvAB',1,'page',0,'delivered',1,0,NULL,NULL,1796039172248896,'',NULL,100005,1796039172211219,1796039172248896,1796039172258820,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571085508544,'krelmx37cmn223sw','alice','ops','+33612345678','CRITICAL Open05 db-1: Open05 is broken #6 http://127.0.0.1:25741/a/RaaDCDxgWiN',1,'page',0,'delivered',1,0,NULL,NULL,1796039172254891,'',NULL,100007,1796039172211219,1796039172254891,1796039172263015,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571085508545,'krelmx37cmn223sx','alice','ops','+33612345678','CRITICAL Open06 db-1: Open06 is broken #7 http://127.0.0.1:25741/a/XS4kjFTd9Vi',1,'page',0,'delivered',1,0,NULL,NULL,1796039172254891,'',NULL,100008,1796039172211219,1796039172254891,1796039172263718,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571085557292,'krelmx37cmn235f0','alice','ops','+33612345678','CRITICAL Open07 db-1: Open07 is broken #8 http://127.0.0.1:25741/a/jyg5DmKyyFK',1,'page',0,'delivered',1,0,NULL,NULL,1796039172254891,'',NULL,100006,1796039172211219,1796039172254891,1796039172263982,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571097124519,'krelmx37cmnd3usn','alice','ops','+33612345678','CRITICAL Open08 db-1: Open08 is broken #9 http://127.0.0.1:25741/a/WFv3VLkK63e',1,'page',0,'delivered',1,0,NULL,NULL,1796039172265026,'',NULL,100009,1796039172211219,1796039172265026,1796039172271472,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571100316445,'krelmx37cmng4ufx','alice','ops','+33612345678','CRITICAL Open09 db-1: Open09 is broken #10 http://127.0.0.1:25741/a/wLsLDViww7y',1,'page',0,'delivered',1,0,NULL,NULL,1796039172268945,'',NULL,100010,1796039172211219,1796039172268945,1796039172277286,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571100316446,'krelmx37cmng4ufy','alice','ops','+33612345678','CRITICAL Open10 db-1: Open10 is broken #11 http://127.0.0.1:25741/a/NTJtAFEBycF',1,'page',0,'delivered',1,0,NULL,NULL,1796039172268945,'',NULL,100013,1796039172211219,1796039172268945,1796039172278256,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571100316447,'krelmx37cmng4ufz','alice','ops','+33612345678','CRITICAL Open11 db-1: Open11 is broken #12 http://127.0.0.1:25741/a/KVEsFaDBGMA',1,'page',0,'delivered',1,0,NULL,NULL,1796039172268945,'',NULL,100012,1796039172211219,1796039172268945,1796039172277984,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571100316448,'krelmx37cmng4ug0','alice','ops','+33612345678','CRITICAL Open12 db-1: Open12 is broken #13 http://127.0.0.1:25741/a/6N3dSfKeFxR',1,'page',0,'delivered',1,0,NULL,NULL,1796039172268945,'',NULL,100011,1796039172211219,1796039172268945,1796039172277559,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571111651246,'krelmx37cmnr0kha','alice','ops','+33612345678','CRITICAL Open13 db-1: Open13 is broken #14 http://127.0.0.1:25741/a/dMpuGmiqmtV',1,'page',0,'delivered',1,0,NULL,NULL,1796039172279771,'',NULL,100014,1796039172211219,1796039172279771,1796039172285483,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571111651247,'krelmx37cmnr0khb','alice','ops','+33612345678','CRITICAL Open14 db-1: Open14 is broken #15 http://127.0.0.1:25741/a/aNBv3mgjfmi',1,'page',0,'delivered',1,0,NULL,NULL,1796039172279771,'',NULL,100015,1796039172211219,1796039172279771,1796039172287594,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571111761873,'krelmx37cmnr2xu9','alice','ops','+33612345678','CRITICAL Open15 db-1: Open15 is broken #16 http://127.0.0.1:25741/a/VV8tyg3rqjS',1,'page',0,'delivered',1,0,NULL,NULL,1796039172279771,'',NULL,100017,1796039172211219,1796039172279771,1796039172290568,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571111841502,'krelmx37cmnr4na6','alice','ops','+33612345678','CRITICAL Open16 db-1: Open16 is broken #17 http://127.0.0.1:25741/a/6MgAdPvEWUD',1,'page',0,'delivered',1,0,NULL,NULL,1796039172279771,'',NULL,100016,1796039172211219,1796039172279771,1796039172290850,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571119104432,'krelmx37cmny2zsg','alice','ops','+33612345678','CRITICAL Open17 db-1: Open17 is broken #18 http://127.0.0.1:25741/a/85Vz7MpeNj3',1,'page',0,'delivered',1,0,NULL,NULL,1796039172286853,'',NULL,100018,1796039172211219,1796039172286853,1796039172293919,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571124274238,'krelmx37cmo31fem','alice','ops','+33612345678','CRITICAL Open18 db-1: Open18 is broken #19 http://127.0.0.1:25741/a/4nRWeivJnVX',1,'page',0,'delivered',1,0,NULL,NULL,1796039172291600,'',NULL,100019,1796039172211219,1796039172291600,1796039172301046,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571130584043,'krelmx37cmo91tkb','alice','ops','+33612345678','CRITICAL Open19 db-1: Open19 is broken #20 http://127.0.0.1:25741/a/NnCiUpQHjgm',1,'page',0,'delivered',1,0,NULL,NULL,1796039172297403,'',NULL,100020,1796039172211219,1796039172297403,1796039172307926,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571130627077,'krelmx37cmo92qrp','alice','ops','+33612345678','CRITICAL Mine00 db-1: Mine00 is broken #21 http://127.0.0.1:25741/a/8BPkKraUNu4',1,'page',0,'delivered',1,0,NULL,NULL,1796039172297403,'',NULL,100021,1796039172211219,1796039172297403,1796039172306826,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571130627078,'krelmx37cmo92qrq','alice','ops','+33612345678','CRITICAL Mine01 db-1: Mine01 is broken #22 http://127.0.0.1:25741/a/Lbz7uasEFfd',1,'page',0,'delivered',1,0,NULL,NULL,1796039172297403,'',NULL,100022,1796039172211219,1796039172297403,1796039172307568,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571136797197,'krelmx37cmof0559','alice','ops','+33612345678','CRITICAL Mine02 db-1: Mine02 is broken #23 http://127.0.0.1:25741/a/sNYCKqC4CXe',1,'page',0,'delivered',1,0,NULL,NULL,1796039172303231,'',NULL,100023,1796039172211219,1796039172303231,1796039172310260,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571145390680,'krelmx37cmon4j88','alice','ops','+33612345678','CRITICAL Mine03 db-1: Mine03 is broken #24 http://127.0.0.1:25741/a/3TXwSRambDd',1,'page',0,'delivered',1,0,NULL,NULL,1796039172311785,'',NULL,100024,1796039172211219,1796039172311785,1796039172320395,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571145438512,'krelmx37cmon5k4w','alice','ops','+33612345678','CRITICAL Mine04 db-1: Mine04 is broken #25 http://127.0.0.1:25741/a/NWeAXqnJi6M',1,'page',0,'delivered',1,0,NULL,NULL,1796039172311785,'',NULL,100026,1796039172211219,1796039172311785,1796039172321062,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571145438513,'krelmx37cmon5k4x','alice','ops','+33612345678','CRITICAL Mine05 db-1: Mine05 is broken #26 http://127.0.0.1:25741/a/egQYN6CcUtT',1,'page',0,'delivered',1,0,NULL,NULL,1796039172311785,'',NULL,100025,1796039172211219,1796039172311785,1796039172320049,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571149482692,'krelmx37cmor2cas','alice','ops','+33612345678','CRITICAL Mine06 db-1: Mine06 is broken #27 http://127.0.0.1:25741/a/QHCWr7qHaUX',1,'page',0,'delivered',1,0,NULL,NULL,1796039172315000,'',NULL,100027,1796039172211219,1796039172315000,1796039172325166,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571156851596,'krelmx37cmoy2yks','alice','ops','+33612345678','CRITICAL Mine07 db-1: Mine07 is broken #28 http://127.0.0.1:25741/a/nT8jqF6ifx9',1,'page',0,'delivered',1,0,NULL,NULL,1796039172322884,'',NULL,100031,1796039172211219,1796039172322884,1796039172332632,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571156949463,'krelmx37cmoy523b','alice','ops','+33612345678','CRITICAL Mine08 db-1: Mine08 is broken #29 http://127.0.0.1:25741/a/ECVP8wxrvMP',1,'page',0,'delivered',1,0,NULL,NULL,1796039172322884,'',NULL,100028,1796039172211219,1796039172322884,1796039172331975,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571156949464,'krelmx37cmoy523c','alice','ops','+33612345678','CRITICAL Mine09 db-1: Mine09 is broken #30 http://127.0.0.1:25741/a/dqhdqwGdEs3',1,'page',0,'delivered',1,0,NULL,NULL,1796039172322884,'',NULL,100029,1796039172211219,1796039172322884,1796039172330860,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571156949465,'krelmx37cmoy523d','alice','ops','+33612345678','CRITICAL Mine10 db-1: Mine10 is broken #31 http://127.0.0.1:25741/a/CkeauQcBpuL',1,'page',0,'delivered',1,0,NULL,NULL,1796039172322884,'',NULL,100030,1796039172211219,1796039172322884,1796039172332420,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571168335377,'krelmx37cmp91vkh','alice','ops','+33612345678','CRITICAL Mine11 db-1: Mine11 is broken #32 http://127.0.0.1:25741/a/GGuPRi6fSBP',1,'page',0,'delivered',1,0,NULL,NULL,1796039172333650,'',NULL,100032,1796039172211219,1796039172333650,1796039172340381,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571173631932,'krelmx37cmpe30zg','alice','ops','+33612345678','CRITICAL Mine12 db-1: Mine12 is broken #33 http://127.0.0.1:25741/a/uTrqrQe8s5A',1,'page',0,'delivered',1,0,NULL,NULL,1796039172338248,'',NULL,100034,1796039172211219,1796039172338248,1796039172346575,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571173631933,'krelmx37cmpe30zh','alice','ops','+33612345678','CRITICAL Mine13 db-1: Mine13 is broken #34 http://127.0.0.1:25741/a/B5LPHF7YBpy',1,'page',0,'delivered',1,0,NULL,NULL,1796039172338248,'',NULL,100035,1796039172211219,1796039172338248,1796039172347386,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283571173631934,'krelmx37cmpe30zi','alice','ops','+33612345678','CRITICAL Mine14 db-1: Mine14 is broken #35 http://127.0.0.1:25741/a/Ny8tFs5cs8U',1,'page',0,'delivered',1,0,NULL,NULL,1796039172338248,'',NULL,100033,1796039172211219,1796039172338248,1796039172347009,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796039173000000);
INSERT INTO "messages" VALUES(1883283581882763424,'krelmx37cul33k4g','alice','ops','+33612345678','CRITICAL Wait00 db-1: Wait00 is broken #36 http://127.0.0.1:25741/a/qHM5uWi8syK',1,'page',0,'queued',1,0,NULL,NULL,1796039182559584,'',NULL,NULL,1796039182547070,1796039182551049,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.6b0d620e.67)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(1883283581882763425,'krelmx37cul33k4h','alice','ops','+33612345678','CRITICAL Wait01 db-1: Wait01 is broken #37 http://127.0.0.1:25741/a/SWDrHNvvtpy',1,'page',0,'queued',1,0,NULL,NULL,1796039182561197,'',NULL,NULL,1796039182547070,1796039182551049,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.6b0d620e.66)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(1883283581882763426,'krelmx37cul33k4i','alice','ops','+33612345678','CRITICAL Wait02 db-1: Wait02 is broken #38 http://127.0.0.1:25741/a/hAaCm8wkCJx',1,'page',0,'queued',1,0,NULL,NULL,1796039182560572,'',NULL,NULL,1796039182547070,1796039182551049,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.6b0d620e.68)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(1883283581882763427,'krelmx37cul33k4j','alice','ops','+33612345678','CRITICAL Wait03 db-1: Wait03 is broken #39 http://127.0.0.1:25741/a/tbY4HuiKgsW',1,'page',0,'queued',1,0,NULL,NULL,1796039182561776,'',NULL,NULL,1796039182547070,1796039182551049,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.6b0d620e.69)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
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
	destination VARCHAR(16) DEFAULT 'sms' NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	lease_until BIGINT, 
	error TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pages_once UNIQUE (incident_id, person, kind, episode, round, step, nth, phone, destination)
);
INSERT INTO "pages" VALUES(1,1,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571053976585,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(2,2,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571054019231,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(3,3,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571054184051,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(4,4,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571054184052,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(5,5,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571079220736,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(6,6,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571085508544,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(7,7,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571085508545,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(8,8,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571085557292,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(9,9,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571097124519,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(10,10,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571100316445,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(11,11,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571100316446,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(12,12,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571100316447,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(13,13,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571100316448,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(14,14,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571111651246,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(15,15,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571111651247,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(16,16,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571111761873,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(17,17,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571111841502,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(18,18,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571119104432,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(19,19,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571124274238,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(20,20,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571130584043,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(21,21,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571130627077,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(22,22,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571130627078,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(23,23,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571136797197,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(24,24,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571145390680,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(25,25,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571145438512,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(26,26,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571145438513,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(27,27,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571149482692,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(28,28,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571156851596,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(29,29,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571156949463,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(30,30,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571156949464,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(31,31,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571156949465,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(32,32,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571168335377,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(33,33,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571173631932,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(34,34,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571173631933,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(35,35,'alice','ops','page',0,1796039172211219,1796039172211219,'claimed',0,0,0,0,NULL,1883283571173631934,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(36,36,'alice','ops','page',0,1796039182547070,1796039182547070,'claimed',0,0,0,0,NULL,1883283581882763424,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(37,37,'alice','ops','page',0,1796039182547070,1796039182547070,'claimed',0,0,0,0,NULL,1883283581882763425,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(38,38,'alice','ops','page',0,1796039182547070,1796039182547070,'claimed',0,0,0,0,NULL,1883283581882763426,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(39,39,'alice','ops','page',0,1796039182547070,1796039182547070,'claimed',0,0,0,0,NULL,1883283581882763427,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(40,40,'alice','ops','page',0,1796039182547070,1796039182547070,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(41,41,'alice','ops','page',0,1796039182547070,1796039182547070,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(42,42,'alice','ops','page',0,1796039182547070,1796039182547070,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(43,43,'alice','ops','page',0,1796039182547070,1796039182547070,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(44,44,'alice','ops','page',0,1796039182547070,1796039182547070,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(45,45,'alice','ops','page',0,1796039182547070,1796039182547070,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(46,46,'alice','ops','page',0,1796039182547070,1796039182547070,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(47,47,'alice','ops','page',0,1796039182547070,1796039182547070,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(48,48,'alice','ops','page',0,1796039182547070,1796039182547070,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(49,49,'alice','ops','page',0,1796039182547070,1796039182547070,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(50,50,'alice','ops','page',0,1796039182547070,1796039182547070,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
CREATE TABLE pauses (
	id INTEGER NOT NULL, 
	team TEXT NOT NULL, 
	begins_at BIGINT NOT NULL, 
	ends_at BIGINT NOT NULL, 
	"by" TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE tokens (
	token VARCHAR(16) NOT NULL, 
	person TEXT NOT NULL, 
	incident_id INTEGER, 
	digest INTEGER, 
	number TEXT, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (token)
);
INSERT INTO "tokens" VALUES('LucibBj8SHn','alice',1,NULL,NULL,1796039172224831);
INSERT INTO "tokens" VALUES('M83fGv7eNaK','alice',2,NULL,NULL,1796039172224831);
INSERT INTO "tokens" VALUES('NSuND4zMJTw','alice',3,NULL,NULL,1796039172224831);
INSERT INTO "tokens" VALUES('zcYgnfGuEdM','alice',4,NULL,NULL,1796039172224831);
INSERT INTO "tokens" VALUES('N5WexGSGvAB','alice',5,NULL,NULL,1796039172248896);
INSERT INTO "tokens" VALUES('RaaDCDxgWiN','alice',6,NULL,NULL,1796039172254891);
INSERT INTO "tokens" VALUES('XS4kjFTd9Vi','alice',7,NULL,NULL,1796039172254891);
INSERT INTO "tokens" VALUES('jyg5DmKyyFK','alice',8,NULL,NULL,1796039172254891);
INSERT INTO "tokens" VALUES('WFv3VLkK63e','alice',9,NULL,NULL,1796039172265026);
INSERT INTO "tokens" VALUES('wLsLDViww7y','alice',10,NULL,NULL,1796039172268945);
INSERT INTO "tokens" VALUES('NTJtAFEBycF','alice',11,NULL,NULL,1796039172268945);
INSERT INTO "tokens" VALUES('KVEsFaDBGMA','alice',12,NULL,NULL,1796039172268945);
INSERT INTO "tokens" VALUES('6N3dSfKeFxR','alice',13,NULL,NULL,1796039172268945);
INSERT INTO "tokens" VALUES('dMpuGmiqmtV','alice',14,NULL,NULL,1796039172279771);
INSERT INTO "tokens" VALUES('aNBv3mgjfmi','alice',15,NULL,NULL,1796039172279771);
INSERT INTO "tokens" VALUES('VV8tyg3rqjS','alice',16,NULL,NULL,1796039172279771);
INSERT INTO "tokens" VALUES('6MgAdPvEWUD','alice',17,NULL,NULL,1796039172279771);
INSERT INTO "tokens" VALUES('85Vz7MpeNj3','alice',18,NULL,NULL,1796039172286853);
INSERT INTO "tokens" VALUES('4nRWeivJnVX','alice',19,NULL,NULL,1796039172291600);
INSERT INTO "tokens" VALUES('NnCiUpQHjgm','alice',20,NULL,NULL,1796039172297403);
INSERT INTO "tokens" VALUES('8BPkKraUNu4','alice',21,NULL,NULL,1796039172297403);
INSERT INTO "tokens" VALUES('Lbz7uasEFfd','alice',22,NULL,NULL,1796039172297403);
INSERT INTO "tokens" VALUES('sNYCKqC4CXe','alice',23,NULL,NULL,1796039172303231);
INSERT INTO "tokens" VALUES('3TXwSRambDd','alice',24,NULL,NULL,1796039172311785);
INSERT INTO "tokens" VALUES('NWeAXqnJi6M','alice',25,NULL,NULL,1796039172311785);
INSERT INTO "tokens" VALUES('egQYN6CcUtT','alice',26,NULL,NULL,1796039172311785);
INSERT INTO "tokens" VALUES('QHCWr7qHaUX','alice',27,NULL,NULL,1796039172315000);
INSERT INTO "tokens" VALUES('nT8jqF6ifx9','alice',28,NULL,NULL,1796039172322884);
INSERT INTO "tokens" VALUES('ECVP8wxrvMP','alice',29,NULL,NULL,1796039172322884);
INSERT INTO "tokens" VALUES('dqhdqwGdEs3','alice',30,NULL,NULL,1796039172322884);
INSERT INTO "tokens" VALUES('CkeauQcBpuL','alice',31,NULL,NULL,1796039172322884);
INSERT INTO "tokens" VALUES('GGuPRi6fSBP','alice',32,NULL,NULL,1796039172333650);
INSERT INTO "tokens" VALUES('uTrqrQe8s5A','alice',33,NULL,NULL,1796039172338248);
INSERT INTO "tokens" VALUES('B5LPHF7YBpy','alice',34,NULL,NULL,1796039172338248);
INSERT INTO "tokens" VALUES('Ny8tFs5cs8U','alice',35,NULL,NULL,1796039172338248);
INSERT INTO "tokens" VALUES('qHM5uWi8syK','alice',36,NULL,NULL,1796039182551049);
INSERT INTO "tokens" VALUES('SWDrHNvvtpy','alice',37,NULL,NULL,1796039182551049);
INSERT INTO "tokens" VALUES('hAaCm8wkCJx','alice',38,NULL,NULL,1796039182551049);
INSERT INTO "tokens" VALUES('tbY4HuiKgsW','alice',39,NULL,NULL,1796039182551049);
CREATE INDEX incidents_unfinished ON incidents (last_seen_at) WHERE state <> 'closed';
CREATE UNIQUE INDEX incidents_current ON incidents ("key", team) WHERE current = 1;
CREATE INDEX incidents_closed ON incidents (closed_at) WHERE state = 'closed';
CREATE INDEX incidents_held ON incidents (id) WHERE state = 'held';
CREATE INDEX incidents_due ON incidents (step_due_at, id) WHERE step_due_at IS NOT NULL;
CREATE INDEX messages_overdue ON messages (receipt_due_at) WHERE receipt_due_at IS NOT NULL;
CREATE INDEX messages_unknown ON messages (due_at, id) WHERE state = 'unknown';
CREATE INDEX messages_due ON messages (priority, due_at, id) WHERE state = 'queued';
CREATE INDEX messages_digest ON messages (digest) WHERE digest IS NOT NULL;
CREATE INDEX messages_person ON messages (person, sent_at);
CREATE INDEX messages_leased ON messages (lease_until) WHERE state = 'sending';
CREATE INDEX messages_ovh_id ON messages (ovh_id);
CREATE INDEX messages_polled ON messages (poll_at) WHERE poll_at IS NOT NULL;
CREATE INDEX messages_created ON messages (created_at);
CREATE INDEX pages_due ON pages (priority, due_at, id) WHERE state = 'queued' AND destination = 'sms';
CREATE INDEX pages_posted ON pages (due_at, id) WHERE state = 'queued' AND destination <> 'sms';
CREATE INDEX pages_message ON pages (message_id);
CREATE INDEX pages_given ON pages (created_at) WHERE state <> 'queued' AND destination <> 'sms';
CREATE INDEX pages_after ON pages (after_page) WHERE state = 'waiting';
CREATE INDEX pages_person ON pages (person, state, priority, created_at);
CREATE INDEX pauses_ends ON pauses (ends_at);
CREATE INDEX tokens_incident ON tokens (incident_id) WHERE incident_id IS NOT NULL;
CREATE INDEX tokens_created ON tokens (created_at);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('incidents',50);
INSERT INTO "sqlite_sequence" VALUES('pages',50);
COMMIT;
