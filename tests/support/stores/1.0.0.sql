-- at 1796038443859678
-- since 1796037821055621
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
INSERT INTO "events" VALUES(1,1,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(2,2,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(3,3,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(4,4,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(5,5,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(6,6,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(7,7,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(8,8,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(9,9,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(10,10,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(11,11,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(12,12,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(13,13,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(14,14,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(15,15,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(16,16,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(17,17,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(18,18,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(19,19,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(20,20,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(21,21,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(22,22,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(23,23,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(24,24,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(25,25,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(26,26,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(27,27,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(28,28,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(29,29,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(30,30,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(31,31,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(32,32,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(33,33,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(34,34,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(35,35,0,'paged','firing','alice (team ops, root route)',1796038429781828,1796038429781828,1);
INSERT INTO "events" VALUES(36,1,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100001, tag 3z85mx36wpu04j9h, 1 credit',1796038429941988,1796038429941988,1);
INSERT INTO "events" VALUES(37,2,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100002, tag 3z85mx36wpu04nue, 1 credit',1796038429967125,1796038429967125,1);
INSERT INTO "events" VALUES(38,4,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100004, tag 3z85mx36wpu04nug, 1 credit',1796038429979851,1796038429979851,1);
INSERT INTO "events" VALUES(39,3,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100003, tag 3z85mx36wpu04nuf, 1 credit',1796038429988292,1796038429988292,1);
INSERT INTO "events" VALUES(40,6,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100006, tag 3z85mx36wpwn2v1p, 1 credit',1796038430016749,1796038430016749,1);
INSERT INTO "events" VALUES(41,5,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100005, tag 3z85mx36wpwn2v1o, 1 credit',1796038430017190,1796038430017190,1);
INSERT INTO "events" VALUES(42,7,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100007, tag 3z85mx36wpwn2v1q, 1 credit',1796038430018759,1796038430018759,1);
INSERT INTO "events" VALUES(43,8,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100008, tag 3z85mx36wpwn40kk, 1 credit',1796038430019028,1796038430019028,1);
INSERT INTO "events" VALUES(44,10,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100009, tag 3z85mx36wpxr4r9z, 1 credit',1796038430051574,1796038430051574,1);
INSERT INTO "events" VALUES(45,9,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100010, tag 3z85mx36wpxr4r9y, 1 credit',1796038430051842,1796038430051842,1);
INSERT INTO "events" VALUES(46,12,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100011, tag 3z85mx36wpxr4yoy, 1 credit',1796038430055085,1796038430055085,1);
INSERT INTO "events" VALUES(47,11,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100012, tag 3z85mx36wpxr4yox, 1 credit',1796038430056760,1796038430056760,1);
INSERT INTO "events" VALUES(48,13,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100013, tag 3z85mx36wpym0dcy, 1 credit',1796038430085487,1796038430085487,1);
INSERT INTO "events" VALUES(49,14,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100014, tag 3z85mx36wpym39y7, 1 credit',1796038430085801,1796038430085801,1);
INSERT INTO "events" VALUES(50,16,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100015, tag 3z85mx36wpyu2frz, 1 credit',1796038430095021,1796038430095021,1);
INSERT INTO "events" VALUES(51,15,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100016, tag 3z85mx36wpyu2fry, 1 credit',1796038430104724,1796038430104724,1);
INSERT INTO "events" VALUES(52,17,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100017, tag 3z85mx36wpzu3srm, 1 credit',1796038430143260,1796038430143260,1);
INSERT INTO "events" VALUES(53,19,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100018, tag 3z85mx36wpzu57gn, 1 credit',1796038430149850,1796038430149850,1);
INSERT INTO "events" VALUES(54,20,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100020, tag 3z85mx36wq075bvi, 1 credit',1796038430163647,1796038430163647,1);
INSERT INTO "events" VALUES(55,18,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100019, tag 3z85mx36wpzu3srn, 1 credit',1796038430163991,1796038430163991,1);
INSERT INTO "events" VALUES(56,21,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100021, tag 3z85mx36wq130j7j, 1 credit',1796038430180326,1796038430180326,1);
INSERT INTO "events" VALUES(57,22,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100022, tag 3z85mx36wq1h0n2j, 1 credit',1796038430213613,1796038430213613,1);
INSERT INTO "events" VALUES(58,23,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100023, tag 3z85mx36wq1u0jzg, 1 credit',1796038430216003,1796038430216003,1);
INSERT INTO "events" VALUES(59,24,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100025, tag 3z85mx36wq1u2lt8, 1 credit',1796038430216290,1796038430216290,1);
INSERT INTO "events" VALUES(60,25,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100024, tag 3z85mx36wq2e3196, 1 credit',1796038430229282,1796038430229282,1);
INSERT INTO "events" VALUES(61,26,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100026, tag 3z85mx36wq30296p, 1 credit',1796038430242352,1796038430242352,1);
INSERT INTO "events" VALUES(62,28,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100027, tag 3z85mx36wq3k12mx, 1 credit',1796038430255467,1796038430255467,1);
INSERT INTO "events" VALUES(63,27,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100028, tag 3z85mx36wq364nnx, 1 credit',1796038430257604,1796038430257604,1);
INSERT INTO "events" VALUES(64,30,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100029, tag 3z85mx36wq413jwv, 1 credit',1796038430270487,1796038430270487,1);
INSERT INTO "events" VALUES(65,31,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100030, tag 3z85mx36wq413jww, 1 credit',1796038430276507,1796038430276507,1);
INSERT INTO "events" VALUES(66,29,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100031, tag 3z85mx36wq413jwu, 1 credit',1796038430277455,1796038430277455,1);
INSERT INTO "events" VALUES(67,32,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100032, tag 3z85mx36wq4a21s6, 1 credit',1796038430281776,1796038430281776,1);
INSERT INTO "events" VALUES(68,33,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100033, tag 3z85mx36wq4l09v7, 1 credit',1796038430294385,1796038430294385,1);
INSERT INTO "events" VALUES(69,35,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100035, tag 3z85mx36wq4y1p5u, 1 credit',1796038430311064,1796038430311064,1);
INSERT INTO "events" VALUES(70,34,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100034, tag 3z85mx36wq4y0062, 1 credit',1796038430311551,1796038430311551,1);
INSERT INTO "events" VALUES(71,1,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038439962980,1796038439962980,1);
INSERT INTO "events" VALUES(72,2,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038439984956,1796038439984956,1);
INSERT INTO "events" VALUES(73,3,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038439999465,1796038439999465,1);
INSERT INTO "events" VALUES(74,4,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038439999465,1796038439999465,1);
INSERT INTO "events" VALUES(75,5,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440027248,1796038440027248,1);
INSERT INTO "events" VALUES(76,6,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440027248,1796038440027248,1);
INSERT INTO "events" VALUES(77,7,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440039572,1796038440039572,1);
INSERT INTO "events" VALUES(78,8,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440039572,1796038440039572,1);
INSERT INTO "events" VALUES(79,9,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440067127,1796038440067127,1);
INSERT INTO "events" VALUES(80,10,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440067127,1796038440067127,1);
INSERT INTO "events" VALUES(81,12,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440067127,1796038440067127,1);
INSERT INTO "events" VALUES(82,11,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440085019,1796038440085019,1);
INSERT INTO "events" VALUES(83,13,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440103030,1796038440103030,1);
INSERT INTO "events" VALUES(84,14,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440103030,1796038440103030,1);
INSERT INTO "events" VALUES(85,15,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440147615,1796038440147615,1);
INSERT INTO "events" VALUES(86,16,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440147615,1796038440147615,1);
INSERT INTO "events" VALUES(87,17,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440168465,1796038440168465,1);
INSERT INTO "events" VALUES(88,19,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440168465,1796038440168465,1);
INSERT INTO "events" VALUES(89,18,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440184937,1796038440184937,1);
INSERT INTO "events" VALUES(90,20,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440184937,1796038440184937,1);
INSERT INTO "events" VALUES(91,21,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440195821,1796038440195821,1);
INSERT INTO "events" VALUES(92,22,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440220685,1796038440220685,1);
INSERT INTO "events" VALUES(93,23,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440237208,1796038440237208,1);
INSERT INTO "events" VALUES(94,24,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440237208,1796038440237208,1);
INSERT INTO "events" VALUES(95,25,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440253903,1796038440253903,1);
INSERT INTO "events" VALUES(96,26,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440253903,1796038440253903,1);
INSERT INTO "events" VALUES(97,27,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440283339,1796038440283339,1);
INSERT INTO "events" VALUES(98,28,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440283339,1796038440283339,1);
INSERT INTO "events" VALUES(99,29,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440308547,1796038440308547,1);
INSERT INTO "events" VALUES(100,30,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440308547,1796038440308547,1);
INSERT INTO "events" VALUES(101,31,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440308547,1796038440308547,1);
INSERT INTO "events" VALUES(102,32,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440308547,1796038440308547,1);
INSERT INTO "events" VALUES(103,33,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440330177,1796038440330177,1);
INSERT INTO "events" VALUES(104,34,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440330177,1796038440330177,1);
INSERT INTO "events" VALUES(105,35,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796038440330177,1796038440330177,1);
INSERT INTO "events" VALUES(106,21,0,'answered','acknowledged','alice, by api',1796038440412829,1796038440412829,1);
INSERT INTO "events" VALUES(107,22,0,'answered','acknowledged','alice, by api',1796038440412829,1796038440412829,1);
INSERT INTO "events" VALUES(108,23,0,'answered','acknowledged','alice, by api',1796038440412829,1796038440412829,1);
INSERT INTO "events" VALUES(109,24,0,'answered','acknowledged','alice, by api',1796038440412829,1796038440412829,1);
INSERT INTO "events" VALUES(110,25,0,'answered','acknowledged','alice, by api',1796038440412829,1796038440412829,1);
INSERT INTO "events" VALUES(111,26,0,'answered','acknowledged','alice, by api',1796038440412829,1796038440412829,1);
INSERT INTO "events" VALUES(112,27,0,'answered','acknowledged','alice, by api',1796038440412829,1796038440412829,1);
INSERT INTO "events" VALUES(113,28,0,'answered','acknowledged','alice, by api',1796038440412829,1796038440412829,1);
INSERT INTO "events" VALUES(114,29,0,'answered','acknowledged','alice, by api',1796038440412829,1796038440412829,1);
INSERT INTO "events" VALUES(115,30,0,'answered','acknowledged','alice, by api',1796038440412829,1796038440412829,1);
INSERT INTO "events" VALUES(116,31,0,'answered','acknowledged','alice, by api',1796038440412829,1796038440412829,1);
INSERT INTO "events" VALUES(117,32,0,'answered','acknowledged','alice, by api',1796038440412829,1796038440412829,1);
INSERT INTO "events" VALUES(118,33,0,'answered','acknowledged','alice, by api',1796038440412829,1796038440412829,1);
INSERT INTO "events" VALUES(119,34,0,'answered','acknowledged','alice, by api',1796038440412829,1796038440412829,1);
INSERT INTO "events" VALUES(120,35,0,'answered','acknowledged','alice, by api',1796038440412829,1796038440412829,1);
INSERT INTO "events" VALUES(121,36,0,'paged','firing','alice (team ops, root route)',1796038440495371,1796038440495371,1);
INSERT INTO "events" VALUES(122,37,0,'paged','firing','alice (team ops, root route)',1796038440495371,1796038440495371,1);
INSERT INTO "events" VALUES(123,38,0,'paged','firing','alice (team ops, root route)',1796038440495371,1796038440495371,1);
INSERT INTO "events" VALUES(124,39,0,'paged','firing','alice (team ops, root route)',1796038440495371,1796038440495371,1);
INSERT INTO "events" VALUES(125,40,0,'paged','firing','alice (team ops, root route)',1796038440495371,1796038440495371,1);
INSERT INTO "events" VALUES(126,41,0,'paged','firing','alice (team ops, root route)',1796038440495371,1796038440495371,1);
INSERT INTO "events" VALUES(127,42,0,'paged','firing','alice (team ops, root route)',1796038440495371,1796038440495371,1);
INSERT INTO "events" VALUES(128,43,0,'paged','firing','alice (team ops, root route)',1796038440495371,1796038440495371,1);
INSERT INTO "events" VALUES(129,44,0,'paged','firing','alice (team ops, root route)',1796038440495371,1796038440495371,1);
INSERT INTO "events" VALUES(130,45,0,'paged','firing','alice (team ops, root route)',1796038440495371,1796038440495371,1);
INSERT INTO "events" VALUES(131,46,0,'paged','firing','alice (team ops, root route)',1796038440495371,1796038440495371,1);
INSERT INTO "events" VALUES(132,47,0,'paged','firing','alice (team ops, root route)',1796038440495371,1796038440495371,1);
INSERT INTO "events" VALUES(133,48,0,'paged','firing','alice (team ops, root route)',1796038440495371,1796038440495371,1);
INSERT INTO "events" VALUES(134,49,0,'paged','firing','alice (team ops, root route)',1796038440495371,1796038440495371,1);
INSERT INTO "events" VALUES(135,50,0,'paged','firing','alice (team ops, root route)',1796038440495371,1796038440495371,1);
INSERT INTO "events" VALUES(136,38,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1796038440541638,1796038440541638,1);
INSERT INTO "events" VALUES(137,37,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1796038440543781,1796038440543781,1);
INSERT INTO "events" VALUES(138,36,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1796038440544857,1796038440544857,1);
INSERT INTO "events" VALUES(139,39,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1796038440546617,1796038440546617,1);
CREATE TABLE facts (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "facts" VALUES('installation','3z85',1796038429383624);
INSERT INTO "facts" VALUES('receipts-by:196c045c09d16b8d2804fdf350e34ed6a1f684900d1aa216aebac3874f570cfc','',1796038429464825);
INSERT INTO "facts" VALUES('key','Yt3E91wng9lk4g3RL5ELNtDAZ7Jzlm2dxUZYboy6sdM',1796038429464825);
INSERT INTO "facts" VALUES('sender','ACME',0);
INSERT INTO "facts" VALUES('way_out','',1796038439685143);
INSERT INTO "facts" VALUES('ready','3caeefe8',1796038439758741);
INSERT INTO "facts" VALUES('people','["alice", "bob"]',1796038429683939);
INSERT INTO "facts" VALUES('credits','999965.0',1796038439846453);
INSERT INTO "facts" VALUES('notice:account:first','',1796038440543276);
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
INSERT INTO "incidents" VALUES(1,X'5AEE388813A8DCD70BCB87C6D01A3C19','ops','open','firing',1,0,'{"alertname":"Open00","instance":"db-1","severity":"critical"}','{"summary":"Open00 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038429941988,'',0,0,1,1796038549781828,0,1796038429781828,1796038429941988,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(2,X'D55EEAA504765F0207E3A273B08D5E99','ops','open','firing',1,0,'{"alertname":"Open01","instance":"db-1","severity":"critical"}','{"summary":"Open01 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038429967125,'',0,0,1,1796038549781828,0,1796038429781828,1796038429967125,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(3,X'10FA4245BDFFAB9D6308414AC86E5DBA','ops','open','firing',1,0,'{"alertname":"Open02","instance":"db-1","severity":"critical"}','{"summary":"Open02 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038429988292,'',0,0,1,1796038549781828,0,1796038429781828,1796038429988292,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(4,X'70D7B62A50627EFD9ABE5E9F49ADCC00','ops','open','firing',1,0,'{"alertname":"Open03","instance":"db-1","severity":"critical"}','{"summary":"Open03 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038429979851,'',0,0,1,1796038549781828,0,1796038429781828,1796038429979851,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(5,X'AD3F14FE84B0523ADF79518FC638AF10','ops','open','firing',1,0,'{"alertname":"Open04","instance":"db-1","severity":"critical"}','{"summary":"Open04 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430017190,'',0,0,1,1796038549781828,0,1796038429781828,1796038430017190,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(6,X'16B6C829217F11A42FC044C1590AEF2B','ops','open','firing',1,0,'{"alertname":"Open05","instance":"db-1","severity":"critical"}','{"summary":"Open05 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430016749,'',0,0,1,1796038549781828,0,1796038429781828,1796038430016749,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(7,X'76B81884DFA2C52E99A24DDCC4953CC5','ops','open','firing',1,0,'{"alertname":"Open06","instance":"db-1","severity":"critical"}','{"summary":"Open06 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430018759,'',0,0,1,1796038549781828,0,1796038429781828,1796038430018759,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(8,X'7F16A06C8629AE108CDC3ED5C8FFBBB1','ops','open','firing',1,0,'{"alertname":"Open07","instance":"db-1","severity":"critical"}','{"summary":"Open07 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430019028,'',0,0,1,1796038549781828,0,1796038429781828,1796038430019028,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(9,X'1C5550832AFB921C349DF60DF099311B','ops','open','firing',1,0,'{"alertname":"Open08","instance":"db-1","severity":"critical"}','{"summary":"Open08 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430051842,'',0,0,1,1796038549781828,0,1796038429781828,1796038430051842,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(10,X'3CC8367A2A62D3C954B1BF342BC496B5','ops','open','firing',1,0,'{"alertname":"Open09","instance":"db-1","severity":"critical"}','{"summary":"Open09 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430051574,'',0,0,1,1796038549781828,0,1796038429781828,1796038430051574,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(11,X'7A724DAF9A52655ADBB30AF37C32ACF7','ops','open','firing',1,0,'{"alertname":"Open10","instance":"db-1","severity":"critical"}','{"summary":"Open10 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430056760,'',0,0,1,1796038549781828,0,1796038429781828,1796038430056760,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(12,X'28B0F5AC40E0F38D080241B5851C98CD','ops','open','firing',1,0,'{"alertname":"Open11","instance":"db-1","severity":"critical"}','{"summary":"Open11 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430055085,'',0,0,1,1796038549781828,0,1796038429781828,1796038430055085,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(13,X'8E9CB99048E2C761F818B51F0E594D21','ops','open','firing',1,0,'{"alertname":"Open12","instance":"db-1","severity":"critical"}','{"summary":"Open12 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430085487,'',0,0,1,1796038549781828,0,1796038429781828,1796038430085487,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(14,X'7E9716EAE6E4854361EFB8A7A510544E','ops','open','firing',1,0,'{"alertname":"Open13","instance":"db-1","severity":"critical"}','{"summary":"Open13 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430085801,'',0,0,1,1796038549781828,0,1796038429781828,1796038430085801,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(15,X'7C14A5D6DCF27B25310B0486B9C43843','ops','open','firing',1,0,'{"alertname":"Open14","instance":"db-1","severity":"critical"}','{"summary":"Open14 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430104724,'',0,0,1,1796038549781828,0,1796038429781828,1796038430104724,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(16,X'03DD475596E6B752F37E5EA103516578','ops','open','firing',1,0,'{"alertname":"Open15","instance":"db-1","severity":"critical"}','{"summary":"Open15 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430095021,'',0,0,1,1796038549781828,0,1796038429781828,1796038430095021,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(17,X'BA43A999211DB7A5AB02A8E004E8C674','ops','open','firing',1,0,'{"alertname":"Open16","instance":"db-1","severity":"critical"}','{"summary":"Open16 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430143260,'',0,0,1,1796038549781828,0,1796038429781828,1796038430143260,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(18,X'7418B9050DC76AC1979E3D3820B3BF9F','ops','open','firing',1,0,'{"alertname":"Open17","instance":"db-1","severity":"critical"}','{"summary":"Open17 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430163991,'',0,0,1,1796038549781828,0,1796038429781828,1796038430163991,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(19,X'4B777A846807BD081240A83F29C624C5','ops','open','firing',1,0,'{"alertname":"Open18","instance":"db-1","severity":"critical"}','{"summary":"Open18 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430149850,'',0,0,1,1796038549781828,0,1796038429781828,1796038430149850,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(20,X'6EE1F465D454C095A7CD594045E423D6','ops','open','firing',1,0,'{"alertname":"Open19","instance":"db-1","severity":"critical"}','{"summary":"Open19 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430163647,'',0,0,1,1796038549781828,0,1796038429781828,1796038430163647,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(21,X'DC69F9B5760A930C967536FA2143DD50','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine00","instance":"db-1","severity":"critical"}','{"summary":"Mine00 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430180326,'alice',0,0,1,1796045640412829,0,1796038429781828,1796038430180326,1796038440412829,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(22,X'C5728AC75119821225D9E030098D5AD3','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine01","instance":"db-1","severity":"critical"}','{"summary":"Mine01 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430213613,'alice',0,0,1,1796045640412829,0,1796038429781828,1796038430213613,1796038440412829,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(23,X'61E933B7A2790F55CD764A3C2658DE52','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine02","instance":"db-1","severity":"critical"}','{"summary":"Mine02 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430216003,'alice',0,0,1,1796045640412829,0,1796038429781828,1796038430216003,1796038440412829,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(24,X'0C8A557BC8AF450D6ED4D50E60876F18','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine03","instance":"db-1","severity":"critical"}','{"summary":"Mine03 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430216290,'alice',0,0,1,1796045640412829,0,1796038429781828,1796038430216290,1796038440412829,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(25,X'68F1074B58F25BFE7F170DF4C545959C','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine04","instance":"db-1","severity":"critical"}','{"summary":"Mine04 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430229282,'alice',0,0,1,1796045640412829,0,1796038429781828,1796038430229282,1796038440412829,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(26,X'D00936913E593B8153370D06156E6E7A','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine05","instance":"db-1","severity":"critical"}','{"summary":"Mine05 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430242352,'alice',0,0,1,1796045640412829,0,1796038429781828,1796038430242352,1796038440412829,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(27,X'373983C6E2A4A8996E15712263779DF4','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine06","instance":"db-1","severity":"critical"}','{"summary":"Mine06 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430257604,'alice',0,0,1,1796045640412829,0,1796038429781828,1796038430257604,1796038440412829,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(28,X'70CC09695046D226D9FBE2C6AF0E7895','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine07","instance":"db-1","severity":"critical"}','{"summary":"Mine07 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430255467,'alice',0,0,1,1796045640412829,0,1796038429781828,1796038430255467,1796038440412829,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(29,X'D16E9A8B5AE0FFFAB36620B845751BAB','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine08","instance":"db-1","severity":"critical"}','{"summary":"Mine08 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430277455,'alice',0,0,1,1796045640412829,0,1796038429781828,1796038430277455,1796038440412829,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(30,X'4A1122F421B0F176603978C510AE888B','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine09","instance":"db-1","severity":"critical"}','{"summary":"Mine09 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430270487,'alice',0,0,1,1796045640412829,0,1796038429781828,1796038430270487,1796038440412829,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(31,X'FC587913B83B034CC054C711A8EDBB77','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine10","instance":"db-1","severity":"critical"}','{"summary":"Mine10 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430276507,'alice',0,0,1,1796045640412829,0,1796038429781828,1796038430276507,1796038440412829,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(32,X'4D5C268EB5AE8DA92762F9F0475133F5','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine11","instance":"db-1","severity":"critical"}','{"summary":"Mine11 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430281776,'alice',0,0,1,1796045640412829,0,1796038429781828,1796038430281776,1796038440412829,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(33,X'9D3D5EEA7528A5AB1F66A59B4BEAA03F','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine12","instance":"db-1","severity":"critical"}','{"summary":"Mine12 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430294385,'alice',0,0,1,1796045640412829,0,1796038429781828,1796038430294385,1796038440412829,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(34,X'544B2095A10F10FFAD5332896058780E','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine13","instance":"db-1","severity":"critical"}','{"summary":"Mine13 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430311551,'alice',0,0,1,1796045640412829,0,1796038429781828,1796038430311551,1796038440412829,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(35,X'8764A5F6DC4D9F58B3EF2DFEA3380910','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine14","instance":"db-1","severity":"critical"}','{"summary":"Mine14 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038429781828,NULL,1796038429781828,NULL,1796038430311064,'alice',0,0,1,1796045640412829,0,1796038429781828,1796038430311064,1796038440412829,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(36,X'6A3A5C3C7B11E7C0B1977E730D2E9AF9','ops','open','firing',1,0,'{"alertname":"Wait00","instance":"db-1","severity":"critical"}','{"summary":"Wait00 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038440495371,NULL,1796038440495371,NULL,NULL,'',0,0,1,1796038560495371,0,1796038440495371,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(37,X'A51DFBD5D4E639C4767ACC644B9E75CB','ops','open','firing',1,0,'{"alertname":"Wait01","instance":"db-1","severity":"critical"}','{"summary":"Wait01 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038440495371,NULL,1796038440495371,NULL,NULL,'',0,0,1,1796038560495371,0,1796038440495371,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(38,X'406C87A9C264EC208597066324A553F7','ops','open','firing',1,0,'{"alertname":"Wait02","instance":"db-1","severity":"critical"}','{"summary":"Wait02 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038440495371,NULL,1796038440495371,NULL,NULL,'',0,0,1,1796038560495371,0,1796038440495371,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(39,X'FCDCEF5AEEB2A66FD2121C0A8E6DF7E6','ops','open','firing',1,0,'{"alertname":"Wait03","instance":"db-1","severity":"critical"}','{"summary":"Wait03 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038440495371,NULL,1796038440495371,NULL,NULL,'',0,0,1,1796038560495371,0,1796038440495371,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(40,X'8C6E92F14CC2B6B475B21B8A98B1F12C','ops','open','firing',1,0,'{"alertname":"Wait04","instance":"db-1","severity":"critical"}','{"summary":"Wait04 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038440495371,NULL,1796038440495371,NULL,NULL,'',0,0,1,1796038560495371,0,1796038440495371,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(41,X'EDD4E52D600E46BA1106182444DA3193','ops','open','firing',1,0,'{"alertname":"Wait05","instance":"db-1","severity":"critical"}','{"summary":"Wait05 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038440495371,NULL,1796038440495371,NULL,NULL,'',0,0,1,1796038560495371,0,1796038440495371,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(42,X'15A191255E3AFA6E652B0A328818A685','ops','open','firing',1,0,'{"alertname":"Wait06","instance":"db-1","severity":"critical"}','{"summary":"Wait06 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038440495371,NULL,1796038440495371,NULL,NULL,'',0,0,1,1796038560495371,0,1796038440495371,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(43,X'05976DEAF1C71E37F57B80BD00D1E3EC','ops','open','firing',1,0,'{"alertname":"Wait07","instance":"db-1","severity":"critical"}','{"summary":"Wait07 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038440495371,NULL,1796038440495371,NULL,NULL,'',0,0,1,1796038560495371,0,1796038440495371,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(44,X'DC88E153E954067D647595EB2B5FD906','ops','open','firing',1,0,'{"alertname":"Wait08","instance":"db-1","severity":"critical"}','{"summary":"Wait08 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038440495371,NULL,1796038440495371,NULL,NULL,'',0,0,1,1796038560495371,0,1796038440495371,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(45,X'70AE06FC8637A4A5919DD06EDACF96AC','ops','open','firing',1,0,'{"alertname":"Wait09","instance":"db-1","severity":"critical"}','{"summary":"Wait09 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038440495371,NULL,1796038440495371,NULL,NULL,'',0,0,1,1796038560495371,0,1796038440495371,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(46,X'5777E38EA7370609E012A7DA798DEA07','ops','open','firing',1,0,'{"alertname":"Wait10","instance":"db-1","severity":"critical"}','{"summary":"Wait10 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038440495371,NULL,1796038440495371,NULL,NULL,'',0,0,1,1796038560495371,0,1796038440495371,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(47,X'CD25AF908381D2361C913102F7B4A604','ops','open','firing',1,0,'{"alertname":"Wait11","instance":"db-1","severity":"critical"}','{"summary":"Wait11 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038440495371,NULL,1796038440495371,NULL,NULL,'',0,0,1,1796038560495371,0,1796038440495371,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(48,X'164046B87168E01D7B310055694A15AA','ops','open','firing',1,0,'{"alertname":"Wait12","instance":"db-1","severity":"critical"}','{"summary":"Wait12 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038440495371,NULL,1796038440495371,NULL,NULL,'',0,0,1,1796038560495371,0,1796038440495371,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(49,X'F433035D76CAE4113C0B14CB1A276DFD','ops','open','firing',1,0,'{"alertname":"Wait13","instance":"db-1","severity":"critical"}','{"summary":"Wait13 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038440495371,NULL,1796038440495371,NULL,NULL,'',0,0,1,1796038560495371,0,1796038440495371,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(50,X'19F7D0212A8474F2FD48B6E12FB1DEAC','ops','open','firing',1,0,'{"alertname":"Wait14","instance":"db-1","severity":"critical"}','{"summary":"Wait14 is broken"}','db-1',0,'sms','alertmanager',1796037821000000,1796037821000000,NULL,1796038440495371,NULL,1796038440495371,NULL,NULL,'',0,0,1,1796038560495371,0,1796038440495371,NULL,NULL,'[]',NULL,NULL,0,NULL);
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
INSERT INTO "messages" VALUES(1883282792666839685,'3z85mx36wpu04j9h','alice','ops','+33612345678','CRITICAL Open00 db-1: Open00 is broken #1 http://127.0.0.1:16611/a/LHQqWmVjAP3',1,'page',0,'delivered',1,0,NULL,NULL,1796038429896065,'',NULL,100001,1796038429781828,1796038429896065,1796038429941988,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038430000000);
INSERT INTO "messages" VALUES(1883282792666845622,'3z85mx36wpu04nue','alice','ops','+33612345678','CRITICAL Open01 db-1: Open01 is broken #2 http://127.0.0.1:16611/a/r7jyi3CvvFL',1,'page',0,'delivered',1,0,NULL,NULL,1796038429896065,'',NULL,100002,1796038429781828,1796038429896065,1796038429967125,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038430000000);
INSERT INTO "messages" VALUES(1883282792666845623,'3z85mx36wpu04nuf','alice','ops','+33612345678','CRITICAL Open02 db-1: Open02 is broken #3 http://127.0.0.1:16611/a/em9PN5nNkhD',1,'page',0,'delivered',1,0,NULL,NULL,1796038429896065,'',NULL,100003,1796038429781828,1796038429896065,1796038429988292,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038430000000);
INSERT INTO "messages" VALUES(1883282792666845624,'3z85mx36wpu04nug','alice','ops','+33612345678','CRITICAL Open03 db-1: Open03 is broken #4 http://127.0.0.1:16611/a/XYKPKrQL8ys',1,'page',0,'delivered',1,0,NULL,NULL,1796038429896065,'',NULL,100004,1796038429781828,1796038429896065,1796038429979851,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038430000000);
INSERT INTO "messages" VALUES(1883282792766376364,'3z85mx36wpwn2v1o','alice','ops','+33612345678','CRITICAL Open04 db-1: Open04 is broken #5 http://127.0.0.1:16611/a/xPYtCYU4bcc',1,'page',0,'delivered',1,0,NULL,NULL,1796038429991457,'',NULL,100005,1796038429781828,1796038429991457,1796038430017190,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282792766376365,'3z85mx36wpwn2v1p','alice','ops','+33612345678','CRITICAL Open05 db-1: Open05 is broken #6 http://127.0.0.1:16611/a/izjqKaT6MxC',1,'page',0,'delivered',1,0,NULL,NULL,1796038429991457,'',NULL,100006,1796038429781828,1796038429991457,1796038430016749,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282792766376366,'3z85mx36wpwn2v1q','alice','ops','+33612345678','CRITICAL Open06 db-1: Open06 is broken #7 http://127.0.0.1:16611/a/vJk64VrM4Ab',1,'page',0,'delivered',1,0,NULL,NULL,1796038429991457,'',NULL,100007,1796038429781828,1796038429991457,1796038430018759,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282792766430180,'3z85mx36wpwn40kk','alice','ops','+33612345678','CRITICAL Open07 db-1: Open07 is broken #8 http://127.0.0.1:16611/a/pCenwAKATrs',1,'page',0,'delivered',1,0,NULL,NULL,1796038429991457,'',NULL,100008,1796038429781828,1796038429991457,1796038430019028,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282792808407830,'3z85mx36wpxr4r9y','alice','ops','+33612345678','CRITICAL Open08 db-1: Open08 is broken #9 http://127.0.0.1:16611/a/mrqW4UqPyX9',1,'page',0,'delivered',1,0,NULL,NULL,1796038430031329,'',NULL,100010,1796038429781828,1796038430031329,1796038430051842,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282792808407831,'3z85mx36wpxr4r9z','alice','ops','+33612345678','CRITICAL Open09 db-1: Open09 is broken #10 http://127.0.0.1:16611/a/B5GRU9FqgJY',1,'page',0,'delivered',1,0,NULL,NULL,1796038430031329,'',NULL,100009,1796038429781828,1796038430031329,1796038430051574,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282792808417441,'3z85mx36wpxr4yox','alice','ops','+33612345678','CRITICAL Open10 db-1: Open10 is broken #11 http://127.0.0.1:16611/a/5TWCgi8UMSk',1,'page',0,'delivered',1,0,NULL,NULL,1796038430031329,'',NULL,100012,1796038429781828,1796038430031329,1796038430056760,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282792808417442,'3z85mx36wpxr4yoy','alice','ops','+33612345678','CRITICAL Open11 db-1: Open11 is broken #12 http://127.0.0.1:16611/a/n3Hk6QbMWWk',1,'page',0,'delivered',1,0,NULL,NULL,1796038430031329,'',NULL,100011,1796038429781828,1796038430031329,1796038430055085,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282792840709026,'3z85mx36wpym0dcy','alice','ops','+33612345678','CRITICAL Open12 db-1: Open12 is broken #13 http://127.0.0.1:16611/a/szTtDLpp7D3',1,'page',0,'delivered',1,0,NULL,NULL,1796038430062679,'',NULL,100013,1796038429781828,1796038430062679,1796038430085487,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282792840844575,'3z85mx36wpym39y7','alice','ops','+33612345678','CRITICAL Open13 db-1: Open13 is broken #14 http://127.0.0.1:16611/a/BExiaMtBWAB',1,'page',0,'delivered',1,0,NULL,NULL,1796038430062679,'',NULL,100014,1796038429781828,1796038430062679,1796038430085801,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282792849194078,'3z85mx36wpyu2fry','alice','ops','+33612345678','CRITICAL Open14 db-1: Open14 is broken #15 http://127.0.0.1:16611/a/s6PBBTrhGkE',1,'page',0,'delivered',1,0,NULL,NULL,1796038430070000,'',NULL,100016,1796038429781828,1796038430070000,1796038430104724,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282792849194079,'3z85mx36wpyu2frz','alice','ops','+33612345678','CRITICAL Open15 db-1: Open15 is broken #16 http://127.0.0.1:16611/a/fk3B5Us4pFP',1,'page',0,'delivered',1,0,NULL,NULL,1796038430070000,'',NULL,100015,1796038429781828,1796038430070000,1796038430095021,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282792887006306,'3z85mx36wpzu3srm','alice','ops','+33612345678','CRITICAL Open16 db-1: Open16 is broken #17 http://127.0.0.1:16611/a/zE3uD5DBHum',1,'page',0,'delivered',1,0,NULL,NULL,1796038430106261,'',NULL,100017,1796038429781828,1796038430106261,1796038430143260,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282792887006307,'3z85mx36wpzu3srn','alice','ops','+33612345678','CRITICAL Open17 db-1: Open17 is broken #18 http://127.0.0.1:16611/a/TDfgcTeKiaq',1,'page',0,'delivered',1,0,NULL,NULL,1796038430106261,'',NULL,100019,1796038429781828,1796038430106261,1796038430163991,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282792887072007,'3z85mx36wpzu57gn','alice','ops','+33612345678','CRITICAL Open18 db-1: Open18 is broken #19 http://127.0.0.1:16611/a/Y4xqGMe3qtM',1,'page',0,'delivered',1,0,NULL,NULL,1796038430106261,'',NULL,100018,1796038429781828,1796038430106261,1796038430149850,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282792900709214,'3z85mx36wq075bvi','alice','ops','+33612345678','CRITICAL Open19 db-1: Open19 is broken #20 http://127.0.0.1:16611/a/WPpzbiUL8Vm',1,'page',0,'delivered',1,0,NULL,NULL,1796038430119889,'',NULL,100020,1796038429781828,1796038430119889,1796038430163647,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282792934039871,'3z85mx36wq130j7j','alice','ops','+33612345678','CRITICAL Mine00 db-1: Mine00 is broken #21 http://127.0.0.1:16611/a/86Fp6X8ewjV',1,'page',0,'delivered',1,0,NULL,NULL,1796038430151597,'',NULL,100021,1796038429781828,1796038430151597,1796038430180326,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282792948724939,'3z85mx36wq1h0n2j','alice','ops','+33612345678','CRITICAL Mine01 db-1: Mine01 is broken #22 http://127.0.0.1:16611/a/mYM8fLfLMaM',1,'page',0,'delivered',1,0,NULL,NULL,1796038430165820,'',NULL,100022,1796038429781828,1796038430165820,1796038430213613,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282792962352428,'3z85mx36wq1u0jzg','alice','ops','+33612345678','CRITICAL Mine02 db-1: Mine02 is broken #23 http://127.0.0.1:16611/a/n6jTeMcr3My',1,'page',0,'delivered',1,0,NULL,NULL,1796038430178711,'',NULL,100023,1796038429781828,1796038430178711,1796038430216003,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282792962448108,'3z85mx36wq1u2lt8','alice','ops','+33612345678','CRITICAL Mine03 db-1: Mine03 is broken #24 http://127.0.0.1:16611/a/kiVAun8hjWD',1,'page',0,'delivered',1,0,NULL,NULL,1796038430178711,'',NULL,100025,1796038429781828,1796038430178711,1796038430216290,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282792983439642,'3z85mx36wq2e3196','alice','ops','+33612345678','CRITICAL Mine04 db-1: Mine04 is broken #25 http://127.0.0.1:16611/a/UmGxTyCVvJE',1,'page',0,'delivered',1,0,NULL,NULL,1796038430198508,'',NULL,100024,1796038429781828,1796038430198508,1796038430229282,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282793006471937,'3z85mx36wq30296p','alice','ops','+33612345678','CRITICAL Mine05 db-1: Mine05 is broken #26 http://127.0.0.1:16611/a/rg4bpvebVmE',1,'page',0,'delivered',1,0,NULL,NULL,1796038430220061,'',NULL,100026,1796038429781828,1796038430220061,1796038430242352,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282793012875469,'3z85mx36wq364nnx','alice','ops','+33612345678','CRITICAL Mine06 db-1: Mine06 is broken #27 http://127.0.0.1:16611/a/eaHPkAuFffT',1,'page',0,'delivered',1,0,NULL,NULL,1796038430226905,'',NULL,100028,1796038429781828,1796038430226905,1796038430257604,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282793027388313,'3z85mx36wq3k12mx','alice','ops','+33612345678','CRITICAL Mine07 db-1: Mine07 is broken #28 http://127.0.0.1:16611/a/znRVpXMLcRY',1,'page',0,'delivered',1,0,NULL,NULL,1796038430240218,'',NULL,100027,1796038429781828,1796038430240218,1796038430255467,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282793045329806,'3z85mx36wq413jwu','alice','ops','+33612345678','CRITICAL Mine08 db-1: Mine08 is broken #29 http://127.0.0.1:16611/a/vdCXNiPQJfn',1,'page',0,'delivered',1,0,NULL,NULL,1796038430257996,'',NULL,100031,1796038429781828,1796038430257996,1796038430277455,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282793045329807,'3z85mx36wq413jwv','alice','ops','+33612345678','CRITICAL Mine09 db-1: Mine09 is broken #30 http://127.0.0.1:16611/a/dCzBuR8Gs7h',1,'page',0,'delivered',1,0,NULL,NULL,1796038430257996,'',NULL,100029,1796038429781828,1796038430257996,1796038430270487,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282793045329808,'3z85mx36wq413jww','alice','ops','+33612345678','CRITICAL Mine10 db-1: Mine10 is broken #31 http://127.0.0.1:16611/a/5LXcLfUHbiS',1,'page',0,'delivered',1,0,NULL,NULL,1796038430257996,'',NULL,100030,1796038429781828,1796038430257996,1796038430276507,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282793054696838,'3z85mx36wq4a21s6','alice','ops','+33612345678','CRITICAL Mine11 db-1: Mine11 is broken #32 http://127.0.0.1:16611/a/ESUCwSGv8JW',1,'page',0,'delivered',1,0,NULL,NULL,1796038430266505,'',NULL,100032,1796038429781828,1796038430266505,1796038430281776,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282793066148339,'3z85mx36wq4l09v7','alice','ops','+33612345678','CRITICAL Mine12 db-1: Mine12 is broken #33 http://127.0.0.1:16611/a/RFLere8CaMi',1,'page',0,'delivered',1,0,NULL,NULL,1796038430277491,'',NULL,100033,1796038429781828,1796038430277491,1796038430294385,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282793079767258,'3z85mx36wq4y0062','alice','ops','+33612345678','CRITICAL Mine13 db-1: Mine13 is broken #34 http://127.0.0.1:16611/a/JPSPxXfhDn7',1,'page',0,'delivered',1,0,NULL,NULL,1796038430290219,'',NULL,100034,1796038429781828,1796038430290219,1796038430311551,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282793079846306,'3z85mx36wq4y1p5u','alice','ops','+33612345678','CRITICAL Mine14 db-1: Mine14 is broken #35 http://127.0.0.1:16611/a/4rLPG6xuvxQ',1,'page',0,'delivered',1,0,NULL,NULL,1796038430290219,'',NULL,100035,1796038429781828,1796038430290219,1796038430311064,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796038431000000);
INSERT INTO "messages" VALUES(1883282803805777386,'3z85mx36wy132pka','alice','ops','+33612345678','CRITICAL Wait00 db-1: Wait00 is broken #36 http://127.0.0.1:16611/a/Qg4wdj8Dkkn',1,'page',0,'queued',1,0,NULL,NULL,1796038440544857,'',NULL,NULL,1796038440495371,1796038440519151,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.6b0d5f28.62)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(1883282803805895852,'3z85mx36wy1358z0','alice','ops','+33612345678','CRITICAL Wait01 db-1: Wait01 is broken #37 http://127.0.0.1:16611/a/AT6iRdhikes',1,'page',0,'queued',1,0,NULL,NULL,1796038440543781,'',NULL,NULL,1796038440495371,1796038440519151,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.6b0d5f28.61)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(1883282803805895853,'3z85mx36wy1358z1','alice','ops','+33612345678','CRITICAL Wait02 db-1: Wait02 is broken #38 http://127.0.0.1:16611/a/XXTJxS6pVvp',1,'page',0,'queued',1,0,NULL,NULL,1796038440541638,'',NULL,NULL,1796038440495371,1796038440519151,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.6b0d5f28.60)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(1883282803805895854,'3z85mx36wy1358z2','alice','ops','+33612345678','CRITICAL Wait03 db-1: Wait03 is broken #39 http://127.0.0.1:16611/a/vvYqgW4CruR',1,'page',0,'queued',1,0,NULL,NULL,1796038440546617,'',NULL,NULL,1796038440495371,1796038440519151,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.6b0d5f28.63)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
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
INSERT INTO "pages" VALUES(1,1,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792666839685,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(2,2,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792666845622,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(3,3,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792666845623,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(4,4,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792666845624,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(5,5,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792766376364,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(6,6,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792766376365,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(7,7,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792766376366,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(8,8,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792766430180,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(9,9,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792808407830,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(10,10,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792808407831,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(11,11,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792808417441,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(12,12,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792808417442,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(13,13,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792840709026,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(14,14,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792840844575,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(15,15,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792849194078,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(16,16,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792849194079,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(17,17,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792887006306,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(18,18,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792887006307,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(19,19,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792887072007,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(20,20,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792900709214,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(21,21,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792934039871,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(22,22,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792948724939,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(23,23,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792962352428,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(24,24,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792962448108,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(25,25,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282792983439642,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(26,26,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282793006471937,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(27,27,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282793012875469,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(28,28,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282793027388313,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(29,29,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282793045329806,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(30,30,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282793045329807,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(31,31,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282793045329808,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(32,32,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282793054696838,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(33,33,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282793066148339,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(34,34,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282793079767258,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(35,35,'alice','ops','page',0,1796038429781828,1796038429781828,'claimed',0,0,0,0,NULL,1883282793079846306,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(36,36,'alice','ops','page',0,1796038440495371,1796038440495371,'claimed',0,0,0,0,NULL,1883282803805777386,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(37,37,'alice','ops','page',0,1796038440495371,1796038440495371,'claimed',0,0,0,0,NULL,1883282803805895852,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(38,38,'alice','ops','page',0,1796038440495371,1796038440495371,'claimed',0,0,0,0,NULL,1883282803805895853,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(39,39,'alice','ops','page',0,1796038440495371,1796038440495371,'claimed',0,0,0,0,NULL,1883282803805895854,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(40,40,'alice','ops','page',0,1796038440495371,1796038440495371,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(41,41,'alice','ops','page',0,1796038440495371,1796038440495371,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(42,42,'alice','ops','page',0,1796038440495371,1796038440495371,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(43,43,'alice','ops','page',0,1796038440495371,1796038440495371,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(44,44,'alice','ops','page',0,1796038440495371,1796038440495371,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(45,45,'alice','ops','page',0,1796038440495371,1796038440495371,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(46,46,'alice','ops','page',0,1796038440495371,1796038440495371,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(47,47,'alice','ops','page',0,1796038440495371,1796038440495371,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(48,48,'alice','ops','page',0,1796038440495371,1796038440495371,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(49,49,'alice','ops','page',0,1796038440495371,1796038440495371,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
INSERT INTO "pages" VALUES(50,50,'alice','ops','page',0,1796038440495371,1796038440495371,'queued',0,0,0,0,NULL,NULL,0,0,'','sms',0,NULL,'');
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
INSERT INTO "tokens" VALUES('LHQqWmVjAP3','alice',1,NULL,NULL,1796038429896065);
INSERT INTO "tokens" VALUES('r7jyi3CvvFL','alice',2,NULL,NULL,1796038429896065);
INSERT INTO "tokens" VALUES('em9PN5nNkhD','alice',3,NULL,NULL,1796038429896065);
INSERT INTO "tokens" VALUES('XYKPKrQL8ys','alice',4,NULL,NULL,1796038429896065);
INSERT INTO "tokens" VALUES('xPYtCYU4bcc','alice',5,NULL,NULL,1796038429991457);
INSERT INTO "tokens" VALUES('izjqKaT6MxC','alice',6,NULL,NULL,1796038429991457);
INSERT INTO "tokens" VALUES('vJk64VrM4Ab','alice',7,NULL,NULL,1796038429991457);
INSERT INTO "tokens" VALUES('pCenwAKATrs','alice',8,NULL,NULL,1796038429991457);
INSERT INTO "tokens" VALUES('mrqW4UqPyX9','alice',9,NULL,NULL,1796038430031329);
INSERT INTO "tokens" VALUES('B5GRU9FqgJY','alice',10,NULL,NULL,1796038430031329);
INSERT INTO "tokens" VALUES('5TWCgi8UMSk','alice',11,NULL,NULL,1796038430031329);
INSERT INTO "tokens" VALUES('n3Hk6QbMWWk','alice',12,NULL,NULL,1796038430031329);
INSERT INTO "tokens" VALUES('szTtDLpp7D3','alice',13,NULL,NULL,1796038430062679);
INSERT INTO "tokens" VALUES('BExiaMtBWAB','alice',14,NULL,NULL,1796038430062679);
INSERT INTO "tokens" VALUES('s6PBBTrhGkE','alice',15,NULL,NULL,1796038430070000);
INSERT INTO "tokens" VALUES('fk3B5Us4pFP','alice',16,NULL,NULL,1796038430070000);
INSERT INTO "tokens" VALUES('zE3uD5DBHum','alice',17,NULL,NULL,1796038430106261);
INSERT INTO "tokens" VALUES('TDfgcTeKiaq','alice',18,NULL,NULL,1796038430106261);
INSERT INTO "tokens" VALUES('Y4xqGMe3qtM','alice',19,NULL,NULL,1796038430106261);
INSERT INTO "tokens" VALUES('WPpzbiUL8Vm','alice',20,NULL,NULL,1796038430119889);
INSERT INTO "tokens" VALUES('86Fp6X8ewjV','alice',21,NULL,NULL,1796038430151597);
INSERT INTO "tokens" VALUES('mYM8fLfLMaM','alice',22,NULL,NULL,1796038430165820);
INSERT INTO "tokens" VALUES('n6jTeMcr3My','alice',23,NULL,NULL,1796038430178711);
INSERT INTO "tokens" VALUES('kiVAun8hjWD','alice',24,NULL,NULL,1796038430178711);
INSERT INTO "tokens" VALUES('UmGxTyCVvJE','alice',25,NULL,NULL,1796038430198508);
INSERT INTO "tokens" VALUES('rg4bpvebVmE','alice',26,NULL,NULL,1796038430220061);
INSERT INTO "tokens" VALUES('eaHPkAuFffT','alice',27,NULL,NULL,1796038430226905);
INSERT INTO "tokens" VALUES('znRVpXMLcRY','alice',28,NULL,NULL,1796038430240218);
INSERT INTO "tokens" VALUES('vdCXNiPQJfn','alice',29,NULL,NULL,1796038430257996);
INSERT INTO "tokens" VALUES('dCzBuR8Gs7h','alice',30,NULL,NULL,1796038430257996);
INSERT INTO "tokens" VALUES('5LXcLfUHbiS','alice',31,NULL,NULL,1796038430257996);
INSERT INTO "tokens" VALUES('ESUCwSGv8JW','alice',32,NULL,NULL,1796038430266505);
INSERT INTO "tokens" VALUES('RFLere8CaMi','alice',33,NULL,NULL,1796038430277491);
INSERT INTO "tokens" VALUES('JPSPxXfhDn7','alice',34,NULL,NULL,1796038430290219);
INSERT INTO "tokens" VALUES('4rLPG6xuvxQ','alice',35,NULL,NULL,1796038430290219);
INSERT INTO "tokens" VALUES('Qg4wdj8Dkkn','alice',36,NULL,NULL,1796038440519151);
INSERT INTO "tokens" VALUES('AT6iRdhikes','alice',37,NULL,NULL,1796038440519151);
INSERT INTO "tokens" VALUES('XXTJxS6pVvp','alice',38,NULL,NULL,1796038440519151);
INSERT INTO "tokens" VALUES('vvYqgW4CruR','alice',39,NULL,NULL,1796038440519151);
CREATE INDEX incidents_held ON incidents (id) WHERE state = 'held';
CREATE INDEX incidents_due ON incidents (step_due_at, id) WHERE step_due_at IS NOT NULL;
CREATE INDEX incidents_unfinished ON incidents (last_seen_at) WHERE state <> 'closed';
CREATE UNIQUE INDEX incidents_current ON incidents ("key", team) WHERE current = 1;
CREATE INDEX incidents_closed ON incidents (closed_at) WHERE state = 'closed';
CREATE INDEX messages_overdue ON messages (receipt_due_at) WHERE receipt_due_at IS NOT NULL;
CREATE INDEX messages_due ON messages (priority, due_at, id) WHERE state = 'queued';
CREATE INDEX messages_unknown ON messages (due_at, id) WHERE state = 'unknown';
CREATE INDEX messages_digest ON messages (digest) WHERE digest IS NOT NULL;
CREATE INDEX messages_person ON messages (person, sent_at);
CREATE INDEX messages_leased ON messages (lease_until) WHERE state = 'sending';
CREATE INDEX messages_ovh_id ON messages (ovh_id);
CREATE INDEX messages_polled ON messages (poll_at) WHERE poll_at IS NOT NULL;
CREATE INDEX messages_created ON messages (created_at);
CREATE INDEX pages_given ON pages (created_at) WHERE state <> 'queued' AND destination <> 'sms';
CREATE INDEX pages_after ON pages (after_page) WHERE state = 'waiting';
CREATE INDEX pages_person ON pages (person, state, priority, created_at);
CREATE INDEX pages_due ON pages (priority, due_at, id) WHERE state = 'queued' AND destination = 'sms';
CREATE INDEX pages_posted ON pages (due_at, id) WHERE state = 'queued' AND destination <> 'sms';
CREATE INDEX pages_message ON pages (message_id);
CREATE INDEX pauses_ends ON pauses (ends_at);
CREATE INDEX tokens_created ON tokens (created_at);
CREATE INDEX tokens_incident ON tokens (incident_id) WHERE incident_id IS NOT NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('incidents',50);
INSERT INTO "sqlite_sequence" VALUES('pages',50);
COMMIT;
