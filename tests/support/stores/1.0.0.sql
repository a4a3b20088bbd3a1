-- at 1796033464492931
-- since 1796032849125658
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0006');
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
INSERT INTO "events" VALUES(1,1,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(2,2,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(3,3,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(4,4,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(5,5,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(6,6,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(7,7,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(8,8,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(9,9,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(10,10,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(11,11,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(12,12,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(13,13,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(14,14,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(15,15,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(16,16,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(17,17,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(18,18,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(19,19,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(20,20,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(21,21,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(22,22,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(23,23,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(24,24,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(25,25,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(26,26,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(27,27,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(28,28,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(29,29,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(30,30,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(31,31,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(32,32,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(33,33,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(34,34,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(35,35,0,'paged','firing','alice (team ops, root route)',1796033451066005,1796033451066005,1);
INSERT INTO "events" VALUES(36,1,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100001, tag 5gglmx33y05p09ut, 1 credit',1796033451114603,1796033451114603,1);
INSERT INTO "events" VALUES(37,3,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100002, tag 5gglmx33y05p44iv, 1 credit',1796033451116108,1796033451116108,1);
INSERT INTO "events" VALUES(38,2,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100003, tag 5gglmx33y05p44iu, 1 credit',1796033451116691,1796033451116691,1);
INSERT INTO "events" VALUES(39,4,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100004, tag 5gglmx33y05p44iw, 1 credit',1796033451134005,1796033451134005,1);
INSERT INTO "events" VALUES(40,6,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100005, tag 5gglmx33y06y4zml, 1 credit',1796033451139448,1796033451139448,1);
INSERT INTO "events" VALUES(41,7,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100006, tag 5gglmx33y06y4zmm, 1 credit',1796033451139908,1796033451139908,1);
INSERT INTO "events" VALUES(42,5,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100007, tag 5gglmx33y06y2lni, 1 credit',1796033451140585,1796033451140585,1);
INSERT INTO "events" VALUES(43,9,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100008, tag 5gglmx33y07b4esz, 1 credit',1796033451150697,1796033451150697,1);
INSERT INTO "events" VALUES(44,10,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100009, tag 5gglmx33y07b4et0, 1 credit',1796033451150943,1796033451150943,1);
INSERT INTO "events" VALUES(45,11,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100011, tag 5gglmx33y07b4et1, 1 credit',1796033451154005,1796033451154005,1);
INSERT INTO "events" VALUES(46,8,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100010, tag 5gglmx33y0733hun, 1 credit',1796033451154832,1796033451154832,1);
INSERT INTO "events" VALUES(47,12,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100012, tag 5gglmx33y07n2uw6, 1 credit',1796033451163881,1796033451163881,1);
INSERT INTO "events" VALUES(48,13,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100013, tag 5gglmx33y07n2ysh, 1 credit',1796033451167873,1796033451167873,1);
INSERT INTO "events" VALUES(49,15,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100014, tag 5gglmx33y07s3uwu, 1 credit',1796033451174725,1796033451174725,1);
INSERT INTO "events" VALUES(50,14,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100015, tag 5gglmx33y07s1zh0, 1 credit',1796033451177302,1796033451177302,1);
INSERT INTO "events" VALUES(51,17,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100016, tag 5gglmx33y0855d13, 1 credit',1796033451185285,1796033451185285,1);
INSERT INTO "events" VALUES(52,16,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100017, tag 5gglmx33y0850f8a, 1 credit',1796033451185586,1796033451185586,1);
INSERT INTO "events" VALUES(53,18,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100018, tag 5gglmx33y08f1u0n, 1 credit',1796033451192868,1796033451192868,1);
INSERT INTO "events" VALUES(54,19,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100019, tag 5gglmx33y08f1u0o, 1 credit',1796033451195381,1796033451195381,1);
INSERT INTO "events" VALUES(55,21,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100020, tag 5gglmx33y08f3is4, 1 credit',1796033451200833,1796033451200833,1);
INSERT INTO "events" VALUES(56,22,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100022, tag 5gglmx33y08s30em, 1 credit',1796033451203765,1796033451203765,1);
INSERT INTO "events" VALUES(57,20,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100021, tag 5gglmx33y08f37s6, 1 credit',1796033451209116,1796033451209116,1);
INSERT INTO "events" VALUES(58,25,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100023, tag 5gglmx33y08x5l1z, 1 credit',1796033451212889,1796033451212889,1);
INSERT INTO "events" VALUES(59,23,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100024, tag 5gglmx33y08x5l1x, 1 credit',1796033451213176,1796033451213176,1);
INSERT INTO "events" VALUES(60,24,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100025, tag 5gglmx33y08x5l1y, 1 credit',1796033451215153,1796033451215153,1);
INSERT INTO "events" VALUES(61,29,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100028, tag 5gglmx33y0964jxb, 1 credit',1796033451229422,1796033451229422,1);
INSERT INTO "events" VALUES(62,26,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100026, tag 5gglmx33y09647tu, 1 credit',1796033451230502,1796033451230502,1);
INSERT INTO "events" VALUES(63,27,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100027, tag 5gglmx33y09647tv, 1 credit',1796033451237476,1796033451237476,1);
INSERT INTO "events" VALUES(64,28,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100029, tag 5gglmx33y0964jxa, 1 credit',1796033451241218,1796033451241218,1);
INSERT INTO "events" VALUES(65,30,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100030, tag 5gglmx33y09w38nl, 1 credit',1796033451244204,1796033451244204,1);
INSERT INTO "events" VALUES(66,32,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100031, tag 5gglmx33y09w38nn, 1 credit',1796033451246493,1796033451246493,1);
INSERT INTO "events" VALUES(67,31,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100032, tag 5gglmx33y09w38nm, 1 credit',1796033451247322,1796033451247322,1);
INSERT INTO "events" VALUES(68,33,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100033, tag 5gglmx33y0a22e1t, 1 credit',1796033451251426,1796033451251426,1);
INSERT INTO "events" VALUES(69,35,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100034, tag 5gglmx33y0a25h4o, 1 credit',1796033451255149,1796033451255149,1);
INSERT INTO "events" VALUES(70,34,0,'attempt','accepted','SMS to alice (+33*******78): OVH id 100035, tag 5gglmx33y0a25h4n, 1 credit',1796033451255421,1796033451255421,1);
INSERT INTO "events" VALUES(71,1,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461124044,1796033461124044,1);
INSERT INTO "events" VALUES(72,2,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461136414,1796033461136414,1);
INSERT INTO "events" VALUES(73,3,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461136414,1796033461136414,1);
INSERT INTO "events" VALUES(74,4,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461140352,1796033461140352,1);
INSERT INTO "events" VALUES(75,5,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461143720,1796033461143720,1);
INSERT INTO "events" VALUES(76,6,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461143720,1796033461143720,1);
INSERT INTO "events" VALUES(77,7,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461143720,1796033461143720,1);
INSERT INTO "events" VALUES(78,9,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461170880,1796033461170880,1);
INSERT INTO "events" VALUES(79,10,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461170880,1796033461170880,1);
INSERT INTO "events" VALUES(80,8,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461174830,1796033461174830,1);
INSERT INTO "events" VALUES(81,11,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461174830,1796033461174830,1);
INSERT INTO "events" VALUES(82,12,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461174830,1796033461174830,1);
INSERT INTO "events" VALUES(83,13,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461174830,1796033461174830,1);
INSERT INTO "events" VALUES(84,15,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461179077,1796033461179077,1);
INSERT INTO "events" VALUES(85,14,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461181975,1796033461181975,1);
INSERT INTO "events" VALUES(86,16,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461187946,1796033461187946,1);
INSERT INTO "events" VALUES(87,17,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461187946,1796033461187946,1);
INSERT INTO "events" VALUES(88,18,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461195434,1796033461195434,1);
INSERT INTO "events" VALUES(89,19,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461204065,1796033461204065,1);
INSERT INTO "events" VALUES(90,21,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461206990,1796033461206990,1);
INSERT INTO "events" VALUES(91,22,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461206990,1796033461206990,1);
INSERT INTO "events" VALUES(92,20,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461211423,1796033461211423,1);
INSERT INTO "events" VALUES(93,23,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461215199,1796033461215199,1);
INSERT INTO "events" VALUES(94,25,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461215199,1796033461215199,1);
INSERT INTO "events" VALUES(95,24,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461221560,1796033461221560,1);
INSERT INTO "events" VALUES(96,29,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461232442,1796033461232442,1);
INSERT INTO "events" VALUES(97,26,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461244211,1796033461244211,1);
INSERT INTO "events" VALUES(98,27,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461244211,1796033461244211,1);
INSERT INTO "events" VALUES(99,28,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461253837,1796033461253837,1);
INSERT INTO "events" VALUES(100,30,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461253837,1796033461253837,1);
INSERT INTO "events" VALUES(101,31,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461253837,1796033461253837,1);
INSERT INTO "events" VALUES(102,32,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461253837,1796033461253837,1);
INSERT INTO "events" VALUES(103,33,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461260016,1796033461260016,1);
INSERT INTO "events" VALUES(104,35,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461260016,1796033461260016,1);
INSERT INTO "events" VALUES(105,34,0,'receipt','delivered','SMS to alice (+33*******78): DLR 1, PTT 4: delivered',1796033461270816,1796033461270816,1);
INSERT INTO "events" VALUES(106,21,0,'answered','acknowledged','alice, by api',1796033461337383,1796033461337383,1);
INSERT INTO "events" VALUES(107,22,0,'answered','acknowledged','alice, by api',1796033461337383,1796033461337383,1);
INSERT INTO "events" VALUES(108,23,0,'answered','acknowledged','alice, by api',1796033461337383,1796033461337383,1);
INSERT INTO "events" VALUES(109,24,0,'answered','acknowledged','alice, by api',1796033461337383,1796033461337383,1);
INSERT INTO "events" VALUES(110,25,0,'answered','acknowledged','alice, by api',1796033461337383,1796033461337383,1);
INSERT INTO "events" VALUES(111,26,0,'answered','acknowledged','alice, by api',1796033461337383,1796033461337383,1);
INSERT INTO "events" VALUES(112,27,0,'answered','acknowledged','alice, by api',1796033461337383,1796033461337383,1);
INSERT INTO "events" VALUES(113,28,0,'answered','acknowledged','alice, by api',1796033461337383,1796033461337383,1);
INSERT INTO "events" VALUES(114,29,0,'answered','acknowledged','alice, by api',1796033461337383,1796033461337383,1);
INSERT INTO "events" VALUES(115,30,0,'answered','acknowledged','alice, by api',1796033461337383,1796033461337383,1);
INSERT INTO "events" VALUES(116,31,0,'answered','acknowledged','alice, by api',1796033461337383,1796033461337383,1);
INSERT INTO "events" VALUES(117,32,0,'answered','acknowledged','alice, by api',1796033461337383,1796033461337383,1);
INSERT INTO "events" VALUES(118,33,0,'answered','acknowledged','alice, by api',1796033461337383,1796033461337383,1);
INSERT INTO "events" VALUES(119,34,0,'answered','acknowledged','alice, by api',1796033461337383,1796033461337383,1);
INSERT INTO "events" VALUES(120,35,0,'answered','acknowledged','alice, by api',1796033461337383,1796033461337383,1);
INSERT INTO "events" VALUES(121,36,0,'paged','firing','alice (team ops, root route)',1796033461358231,1796033461358231,1);
INSERT INTO "events" VALUES(122,37,0,'paged','firing','alice (team ops, root route)',1796033461358231,1796033461358231,1);
INSERT INTO "events" VALUES(123,38,0,'paged','firing','alice (team ops, root route)',1796033461358231,1796033461358231,1);
INSERT INTO "events" VALUES(124,39,0,'paged','firing','alice (team ops, root route)',1796033461358231,1796033461358231,1);
INSERT INTO "events" VALUES(125,40,0,'paged','firing','alice (team ops, root route)',1796033461358231,1796033461358231,1);
INSERT INTO "events" VALUES(126,41,0,'paged','firing','alice (team ops, root route)',1796033461358231,1796033461358231,1);
INSERT INTO "events" VALUES(127,42,0,'paged','firing','alice (team ops, root route)',1796033461358231,1796033461358231,1);
INSERT INTO "events" VALUES(128,43,0,'paged','firing','alice (team ops, root route)',1796033461358231,1796033461358231,1);
INSERT INTO "events" VALUES(129,44,0,'paged','firing','alice (team ops, root route)',1796033461358231,1796033461358231,1);
INSERT INTO "events" VALUES(130,45,0,'paged','firing','alice (team ops, root route)',1796033461358231,1796033461358231,1);
INSERT INTO "events" VALUES(131,46,0,'paged','firing','alice (team ops, root route)',1796033461358231,1796033461358231,1);
INSERT INTO "events" VALUES(132,47,0,'paged','firing','alice (team ops, root route)',1796033461358231,1796033461358231,1);
INSERT INTO "events" VALUES(133,48,0,'paged','firing','alice (team ops, root route)',1796033461358231,1796033461358231,1);
INSERT INTO "events" VALUES(134,49,0,'paged','firing','alice (team ops, root route)',1796033461358231,1796033461358231,1);
INSERT INTO "events" VALUES(135,50,0,'paged','firing','alice (team ops, root route)',1796033461358231,1796033461358231,1);
INSERT INTO "events" VALUES(136,36,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1796033461372447,1796033461372447,1);
INSERT INTO "events" VALUES(137,38,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1796033461376503,1796033461376503,1);
INSERT INTO "events" VALUES(138,37,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1796033461379406,1796033461379406,1);
INSERT INTO "events" VALUES(139,39,0,'attempt','retry','SMS to alice (+33*******78): send: 403 NOT_ENOUGH_CREDITS: Not enough credits',1796033461380059,1796033461380059,1);
CREATE TABLE facts (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "facts" VALUES('installation','5ggl',1796033450909118);
INSERT INTO "facts" VALUES('receipts-by:196c045c09d16b8d2804fdf350e34ed6a1f684900d1aa216aebac3874f570cfc','',1796033450920485);
INSERT INTO "facts" VALUES('key','Yt3E91wng9lk4g3RL5ELNtDAZ7Jzlm2dxUZYboy6sdM',1796033450920485);
INSERT INTO "facts" VALUES('sender','ACME',0);
INSERT INTO "facts" VALUES('way_out','',1796033460993106);
INSERT INTO "facts" VALUES('people','["alice", "bob"]',1796033450995810);
INSERT INTO "facts" VALUES('ready','2d8acf93',1796033461062524);
INSERT INTO "facts" VALUES('credits','999965.0',1796033461064538);
INSERT INTO "facts" VALUES('notice:account:first','',1796033461372737);
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
INSERT INTO "incidents" VALUES(1,X'5AEE388813A8DCD70BCB87C6D01A3C19','ops','open','firing',1,0,'{"alertname":"Open00","instance":"db-1","severity":"critical"}','{"summary":"Open00 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451114603,'',0,0,1,1796033571066005,0,1796033451066005,1796033451114603,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(2,X'D55EEAA504765F0207E3A273B08D5E99','ops','open','firing',1,0,'{"alertname":"Open01","instance":"db-1","severity":"critical"}','{"summary":"Open01 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451116691,'',0,0,1,1796033571066005,0,1796033451066005,1796033451116691,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(3,X'10FA4245BDFFAB9D6308414AC86E5DBA','ops','open','firing',1,0,'{"alertname":"Open02","instance":"db-1","severity":"critical"}','{"summary":"Open02 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451116108,'',0,0,1,1796033571066005,0,1796033451066005,1796033451116108,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(4,X'70D7B62A50627EFD9ABE5E9F49ADCC00','ops','open','firing',1,0,'{"alertname":"Open03","instance":"db-1","severity":"critical"}','{"summary":"Open03 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451134005,'',0,0,1,1796033571066005,0,1796033451066005,1796033451134005,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(5,X'AD3F14FE84B0523ADF79518FC638AF10','ops','open','firing',1,0,'{"alertname":"Open04","instance":"db-1","severity":"critical"}','{"summary":"Open04 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451140585,'',0,0,1,1796033571066005,0,1796033451066005,1796033451140585,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(6,X'16B6C829217F11A42FC044C1590AEF2B','ops','open','firing',1,0,'{"alertname":"Open05","instance":"db-1","severity":"critical"}','{"summary":"Open05 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451139448,'',0,0,1,1796033571066005,0,1796033451066005,1796033451139448,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(7,X'76B81884DFA2C52E99A24DDCC4953CC5','ops','open','firing',1,0,'{"alertname":"Open06","instance":"db-1","severity":"critical"}','{"summary":"Open06 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451139908,'',0,0,1,1796033571066005,0,1796033451066005,1796033451139908,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(8,X'7F16A06C8629AE108CDC3ED5C8FFBBB1','ops','open','firing',1,0,'{"alertname":"Open07","instance":"db-1","severity":"critical"}','{"summary":"Open07 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451154832,'',0,0,1,1796033571066005,0,1796033451066005,1796033451154832,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(9,X'1C5550832AFB921C349DF60DF099311B','ops','open','firing',1,0,'{"alertname":"Open08","instance":"db-1","severity":"critical"}','{"summary":"Open08 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451150697,'',0,0,1,1796033571066005,0,1796033451066005,1796033451150697,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(10,X'3CC8367A2A62D3C954B1BF342BC496B5','ops','open','firing',1,0,'{"alertname":"Open09","instance":"db-1","severity":"critical"}','{"summary":"Open09 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451150943,'',0,0,1,1796033571066005,0,1796033451066005,1796033451150943,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(11,X'7A724DAF9A52655ADBB30AF37C32ACF7','ops','open','firing',1,0,'{"alertname":"Open10","instance":"db-1","severity":"critical"}','{"summary":"Open10 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451154005,'',0,0,1,1796033571066005,0,1796033451066005,1796033451154005,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(12,X'28B0F5AC40E0F38D080241B5851C98CD','ops','open','firing',1,0,'{"alertname":"Open11","instance":"db-1","severity":"critical"}','{"summary":"Open11 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451163881,'',0,0,1,1796033571066005,0,1796033451066005,1796033451163881,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(13,X'8E9CB99048E2C761F818B51F0E594D21','ops','open','firing',1,0,'{"alertname":"Open12","instance":"db-1","severity":"critical"}','{"summary":"Open12 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451167873,'',0,0,1,1796033571066005,0,1796033451066005,1796033451167873,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(14,X'7E9716EAE6E4854361EFB8A7A510544E','ops','open','firing',1,0,'{"alertname":"Open13","instance":"db-1","severity":"critical"}','{"summary":"Open13 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451177302,'',0,0,1,1796033571066005,0,1796033451066005,1796033451177302,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(15,X'7C14A5D6DCF27B25310B0486B9C43843','ops','open','firing',1,0,'{"alertname":"Open14","instance":"db-1","severity":"critical"}','{"summary":"Open14 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451174725,'',0,0,1,1796033571066005,0,1796033451066005,1796033451174725,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(16,X'03DD475596E6B752F37E5EA103516578','ops','open','firing',1,0,'{"alertname":"Open15","instance":"db-1","severity":"critical"}','{"summary":"Open15 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451185586,'',0,0,1,1796033571066005,0,1796033451066005,1796033451185586,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(17,X'BA43A999211DB7A5AB02A8E004E8C674','ops','open','firing',1,0,'{"alertname":"Open16","instance":"db-1","severity":"critical"}','{"summary":"Open16 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451185285,'',0,0,1,1796033571066005,0,1796033451066005,1796033451185285,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(18,X'7418B9050DC76AC1979E3D3820B3BF9F','ops','open','firing',1,0,'{"alertname":"Open17","instance":"db-1","severity":"critical"}','{"summary":"Open17 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451192868,'',0,0,1,1796033571066005,0,1796033451066005,1796033451192868,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(19,X'4B777A846807BD081240A83F29C624C5','ops','open','firing',1,0,'{"alertname":"Open18","instance":"db-1","severity":"critical"}','{"summary":"Open18 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451195381,'',0,0,1,1796033571066005,0,1796033451066005,1796033451195381,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(20,X'6EE1F465D454C095A7CD594045E423D6','ops','open','firing',1,0,'{"alertname":"Open19","instance":"db-1","severity":"critical"}','{"summary":"Open19 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451209116,'',0,0,1,1796033571066005,0,1796033451066005,1796033451209116,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(21,X'DC69F9B5760A930C967536FA2143DD50','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine00","instance":"db-1","severity":"critical"}','{"summary":"Mine00 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451200833,'alice',0,0,1,1796040661337383,0,1796033451066005,1796033451200833,1796033461337383,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(22,X'C5728AC75119821225D9E030098D5AD3','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine01","instance":"db-1","severity":"critical"}','{"summary":"Mine01 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451203765,'alice',0,0,1,1796040661337383,0,1796033451066005,1796033451203765,1796033461337383,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(23,X'61E933B7A2790F55CD764A3C2658DE52','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine02","instance":"db-1","severity":"critical"}','{"summary":"Mine02 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451213176,'alice',0,0,1,1796040661337383,0,1796033451066005,1796033451213176,1796033461337383,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(24,X'0C8A557BC8AF450D6ED4D50E60876F18','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine03","instance":"db-1","severity":"critical"}','{"summary":"Mine03 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451215153,'alice',0,0,1,1796040661337383,0,1796033451066005,1796033451215153,1796033461337383,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(25,X'68F1074B58F25BFE7F170DF4C545959C','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine04","instance":"db-1","severity":"critical"}','{"summary":"Mine04 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451212889,'alice',0,0,1,1796040661337383,0,1796033451066005,1796033451212889,1796033461337383,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(26,X'D00936913E593B8153370D06156E6E7A','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine05","instance":"db-1","severity":"critical"}','{"summary":"Mine05 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451230502,'alice',0,0,1,1796040661337383,0,1796033451066005,1796033451230502,1796033461337383,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(27,X'373983C6E2A4A8996E15712263779DF4','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine06","instance":"db-1","severity":"critical"}','{"summary":"Mine06 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451237476,'alice',0,0,1,1796040661337383,0,1796033451066005,1796033451237476,1796033461337383,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(28,X'70CC09695046D226D9FBE2C6AF0E7895','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine07","instance":"db-1","severity":"critical"}','{"summary":"Mine07 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451241218,'alice',0,0,1,1796040661337383,0,1796033451066005,1796033451241218,1796033461337383,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(29,X'D16E9A8B5AE0FFFAB36620B845751BAB','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine08","instance":"db-1","severity":"critical"}','{"summary":"Mine08 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451229422,'alice',0,0,1,1796040661337383,0,1796033451066005,1796033451229422,1796033461337383,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(30,X'4A1122F421B0F176603978C510AE888B','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine09","instance":"db-1","severity":"critical"}','{"summary":"Mine09 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451244204,'alice',0,0,1,1796040661337383,0,1796033451066005,1796033451244204,1796033461337383,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(31,X'FC587913B83B034CC054C711A8EDBB77','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine10","instance":"db-1","severity":"critical"}','{"summary":"Mine10 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451247322,'alice',0,0,1,1796040661337383,0,1796033451066005,1796033451247322,1796033461337383,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(32,X'4D5C268EB5AE8DA92762F9F0475133F5','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine11","instance":"db-1","severity":"critical"}','{"summary":"Mine11 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451246493,'alice',0,0,1,1796040661337383,0,1796033451066005,1796033451246493,1796033461337383,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(33,X'9D3D5EEA7528A5AB1F66A59B4BEAA03F','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine12","instance":"db-1","severity":"critical"}','{"summary":"Mine12 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451251426,'alice',0,0,1,1796040661337383,0,1796033451066005,1796033451251426,1796033461337383,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(34,X'544B2095A10F10FFAD5332896058780E','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine13","instance":"db-1","severity":"critical"}','{"summary":"Mine13 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451255421,'alice',0,0,1,1796040661337383,0,1796033451066005,1796033451255421,1796033461337383,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(35,X'8764A5F6DC4D9F58B3EF2DFEA3380910','ops','acknowledged','acknowledged',1,0,'{"alertname":"Mine14","instance":"db-1","severity":"critical"}','{"summary":"Mine14 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033451066005,NULL,1796033451066005,NULL,1796033451255149,'alice',0,0,1,1796040661337383,0,1796033451066005,1796033451255149,1796033461337383,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(36,X'6A3A5C3C7B11E7C0B1977E730D2E9AF9','ops','open','firing',1,0,'{"alertname":"Wait00","instance":"db-1","severity":"critical"}','{"summary":"Wait00 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033461358231,NULL,1796033461358231,NULL,NULL,'',0,0,1,1796033581358231,0,1796033461358231,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(37,X'A51DFBD5D4E639C4767ACC644B9E75CB','ops','open','firing',1,0,'{"alertname":"Wait01","instance":"db-1","severity":"critical"}','{"summary":"Wait01 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033461358231,NULL,1796033461358231,NULL,NULL,'',0,0,1,1796033581358231,0,1796033461358231,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(38,X'406C87A9C264EC208597066324A553F7','ops','open','firing',1,0,'{"alertname":"Wait02","instance":"db-1","severity":"critical"}','{"summary":"Wait02 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033461358231,NULL,1796033461358231,NULL,NULL,'',0,0,1,1796033581358231,0,1796033461358231,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(39,X'FCDCEF5AEEB2A66FD2121C0A8E6DF7E6','ops','open','firing',1,0,'{"alertname":"Wait03","instance":"db-1","severity":"critical"}','{"summary":"Wait03 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033461358231,NULL,1796033461358231,NULL,NULL,'',0,0,1,1796033581358231,0,1796033461358231,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(40,X'8C6E92F14CC2B6B475B21B8A98B1F12C','ops','open','firing',1,0,'{"alertname":"Wait04","instance":"db-1","severity":"critical"}','{"summary":"Wait04 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033461358231,NULL,1796033461358231,NULL,NULL,'',0,0,1,1796033581358231,0,1796033461358231,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(41,X'EDD4E52D600E46BA1106182444DA3193','ops','open','firing',1,0,'{"alertname":"Wait05","instance":"db-1","severity":"critical"}','{"summary":"Wait05 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033461358231,NULL,1796033461358231,NULL,NULL,'',0,0,1,1796033581358231,0,1796033461358231,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(42,X'15A191255E3AFA6E652B0A328818A685','ops','open','firing',1,0,'{"alertname":"Wait06","instance":"db-1","severity":"critical"}','{"summary":"Wait06 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033461358231,NULL,1796033461358231,NULL,NULL,'',0,0,1,1796033581358231,0,1796033461358231,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(43,X'05976DEAF1C71E37F57B80BD00D1E3EC','ops','open','firing',1,0,'{"alertname":"Wait07","instance":"db-1","severity":"critical"}','{"summary":"Wait07 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033461358231,NULL,1796033461358231,NULL,NULL,'',0,0,1,1796033581358231,0,1796033461358231,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(44,X'DC88E153E954067D647595EB2B5FD906','ops','open','firing',1,0,'{"alertname":"Wait08","instance":"db-1","severity":"critical"}','{"summary":"Wait08 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033461358231,NULL,1796033461358231,NULL,NULL,'',0,0,1,1796033581358231,0,1796033461358231,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(45,X'70AE06FC8637A4A5919DD06EDACF96AC','ops','open','firing',1,0,'{"alertname":"Wait09","instance":"db-1","severity":"critical"}','{"summary":"Wait09 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033461358231,NULL,1796033461358231,NULL,NULL,'',0,0,1,1796033581358231,0,1796033461358231,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(46,X'5777E38EA7370609E012A7DA798DEA07','ops','open','firing',1,0,'{"alertname":"Wait10","instance":"db-1","severity":"critical"}','{"summary":"Wait10 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033461358231,NULL,1796033461358231,NULL,NULL,'',0,0,1,1796033581358231,0,1796033461358231,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(47,X'CD25AF908381D2361C913102F7B4A604','ops','open','firing',1,0,'{"alertname":"Wait11","instance":"db-1","severity":"critical"}','{"summary":"Wait11 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033461358231,NULL,1796033461358231,NULL,NULL,'',0,0,1,1796033581358231,0,1796033461358231,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(48,X'164046B87168E01D7B310055694A15AA','ops','open','firing',1,0,'{"alertname":"Wait12","instance":"db-1","severity":"critical"}','{"summary":"Wait12 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033461358231,NULL,1796033461358231,NULL,NULL,'',0,0,1,1796033581358231,0,1796033461358231,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(49,X'F433035D76CAE4113C0B14CB1A276DFD','ops','open','firing',1,0,'{"alertname":"Wait13","instance":"db-1","severity":"critical"}','{"summary":"Wait13 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033461358231,NULL,1796033461358231,NULL,NULL,'',0,0,1,1796033581358231,0,1796033461358231,NULL,NULL,'[]',NULL,NULL,0,NULL);
INSERT INTO "incidents" VALUES(50,X'19F7D0212A8474F2FD48B6E12FB1DEAC','ops','open','firing',1,0,'{"alertname":"Wait14","instance":"db-1","severity":"critical"}','{"summary":"Wait14 is broken"}','db-1',0,'sms','alertmanager',1796032849000000,1796032849000000,NULL,1796033461358231,NULL,1796033461358231,NULL,NULL,'',0,0,1,1796033581358231,0,1796033461358231,NULL,NULL,'[]',NULL,NULL,0,NULL);
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
INSERT INTO "messages" VALUES(1883277572004917733,'5gglmx33y05p09ut','alice','ops','+33612345678','CRITICAL Open00 db-1: Open00 is broken #1 http://127.0.0.1:22208/a/W5RRckYwf64',1,'page',0,'delivered',1,0,NULL,NULL,1796033451085064,'',NULL,100001,1796033451066005,1796033451085064,1796033451114603,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572005097446,'5gglmx33y05p44iu','alice','ops','+33612345678','CRITICAL Open01 db-1: Open01 is broken #2 http://127.0.0.1:22208/a/EbGfWDSaaTf',1,'page',0,'delivered',1,0,NULL,NULL,1796033451085064,'',NULL,100003,1796033451066005,1796033451085064,1796033451116691,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572005097447,'5gglmx33y05p44iv','alice','ops','+33612345678','CRITICAL Open02 db-1: Open02 is broken #3 http://127.0.0.1:22208/a/eeAjb3L7gkG',1,'page',0,'delivered',1,0,NULL,NULL,1796033451085064,'',NULL,100002,1796033451066005,1796033451085064,1796033451116108,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572005097448,'5gglmx33y05p44iw','alice','ops','+33612345678','CRITICAL Open03 db-1: Open03 is broken #4 http://127.0.0.1:22208/a/GJ4nu9qzufd',1,'page',0,'delivered',1,0,NULL,NULL,1796033451085064,'',NULL,100004,1796033451066005,1796033451085064,1796033451134005,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572052212254,'5gglmx33y06y2lni','alice','ops','+33612345678','CRITICAL Open04 db-1: Open04 is broken #5 http://127.0.0.1:22208/a/G9gNsvFNz7v',1,'page',0,'delivered',1,0,NULL,NULL,1796033451130698,'',NULL,100007,1796033451066005,1796033451130698,1796033451140585,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572052323677,'5gglmx33y06y4zml','alice','ops','+33612345678','CRITICAL Open05 db-1: Open05 is broken #6 http://127.0.0.1:22208/a/BVrAV7invU5',1,'page',0,'delivered',1,0,NULL,NULL,1796033451130698,'',NULL,100005,1796033451066005,1796033451130698,1796033451139448,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572052323678,'5gglmx33y06y4zmm','alice','ops','+33612345678','CRITICAL Open06 db-1: Open06 is broken #7 http://127.0.0.1:22208/a/e4PCnsnH9jY',1,'page',0,'delivered',1,0,NULL,NULL,1796033451130698,'',NULL,100006,1796033451066005,1796033451130698,1796033451139908,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572057496863,'5gglmx33y0733hun','alice','ops','+33612345678','CRITICAL Open07 db-1: Open07 is broken #8 http://127.0.0.1:22208/a/Hz8i449ajPx',1,'page',0,'delivered',1,0,NULL,NULL,1796033451135027,'',NULL,100010,1796033451066005,1796033451135027,1796033451154832,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572065928179,'5gglmx33y07b4esz','alice','ops','+33612345678','CRITICAL Open08 db-1: Open08 is broken #9 http://127.0.0.1:22208/a/8wQP8vrtveA',1,'page',0,'delivered',1,0,NULL,NULL,1796033451143675,'',NULL,100008,1796033451066005,1796033451143675,1796033451150697,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572065928180,'5gglmx33y07b4et0','alice','ops','+33612345678','CRITICAL Open09 db-1: Open09 is broken #10 http://127.0.0.1:22208/a/3HtsAzgkhBB',1,'page',0,'delivered',1,0,NULL,NULL,1796033451143675,'',NULL,100009,1796033451066005,1796033451143675,1796033451150943,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572065928181,'5gglmx33y07b4et1','alice','ops','+33612345678','CRITICAL Open10 db-1: Open10 is broken #11 http://127.0.0.1:22208/a/sy65NLbvbyt',1,'page',0,'delivered',1,0,NULL,NULL,1796033451143675,'',NULL,100011,1796033451066005,1796033451143675,1796033451154005,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572078438630,'5gglmx33y07n2uw6','alice','ops','+33612345678','CRITICAL Open11 db-1: Open11 is broken #12 http://127.0.0.1:22208/a/4BxpH9AitsB',1,'page',0,'delivered',1,0,NULL,NULL,1796033451155759,'',NULL,100012,1796033451066005,1796033451155759,1796033451163881,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572078443681,'5gglmx33y07n2ysh','alice','ops','+33612345678','CRITICAL Open12 db-1: Open12 is broken #13 http://127.0.0.1:22208/a/NftuiknCQq3',1,'page',0,'delivered',1,0,NULL,NULL,1796033451155759,'',NULL,100013,1796033451066005,1796033451155759,1796033451167873,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572083640788,'5gglmx33y07s1zh0','alice','ops','+33612345678','CRITICAL Open13 db-1: Open13 is broken #14 http://127.0.0.1:22208/a/eaTBvnzMuAm',1,'page',0,'delivered',1,0,NULL,NULL,1796033451160458,'',NULL,100015,1796033451066005,1796033451160458,1796033451177302,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572083728190,'5gglmx33y07s3uwu','alice','ops','+33612345678','CRITICAL Open14 db-1: Open14 is broken #15 http://127.0.0.1:22208/a/9bi78jbsrjw',1,'page',0,'delivered',1,0,NULL,NULL,1796033451160458,'',NULL,100014,1796033451066005,1796033451160458,1796033451174725,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572097199386,'5gglmx33y0850f8a','alice','ops','+33612345678','CRITICAL Open15 db-1: Open15 is broken #16 http://127.0.0.1:22208/a/U9yXDbxHfxk',1,'page',0,'delivered',1,0,NULL,NULL,1796033451173977,'',NULL,100017,1796033451066005,1796033451173977,1796033451185586,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572097429815,'5gglmx33y0855d13','alice','ops','+33612345678','CRITICAL Open16 db-1: Open16 is broken #17 http://127.0.0.1:22208/a/NytDNRQwSi9',1,'page',0,'delivered',1,0,NULL,NULL,1796033451173977,'',NULL,100016,1796033451066005,1796033451173977,1796033451185285,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572107750967,'5gglmx33y08f1u0n','alice','ops','+33612345678','CRITICAL Open17 db-1: Open17 is broken #18 http://127.0.0.1:22208/a/8iDRJ44L98m',1,'page',0,'delivered',1,0,NULL,NULL,1796033451183331,'',NULL,100018,1796033451066005,1796033451183331,1796033451192868,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572107750968,'5gglmx33y08f1u0o','alice','ops','+33612345678','CRITICAL Open18 db-1: Open18 is broken #19 http://127.0.0.1:22208/a/VYTuUGQmLCn',1,'page',0,'delivered',1,0,NULL,NULL,1796033451183331,'',NULL,100019,1796033451066005,1796033451183331,1796033451195381,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572107815462,'5gglmx33y08f37s6','alice','ops','+33612345678','CRITICAL Open19 db-1: Open19 is broken #20 http://127.0.0.1:22208/a/fFpJWwj3RNF',1,'page',0,'delivered',1,0,NULL,NULL,1796033451183331,'',NULL,100021,1796033451066005,1796033451183331,1796033451209116,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572107829716,'5gglmx33y08f3is4','alice','ops','+33612345678','CRITICAL Mine00 db-1: Mine00 is broken #21 http://127.0.0.1:22208/a/fvYSaDCct7R',1,'page',0,'delivered',1,0,NULL,NULL,1796033451183331,'',NULL,100020,1796033451066005,1796033451183331,1796033451200833,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572121437390,'5gglmx33y08s30em','alice','ops','+33612345678','CRITICAL Mine01 db-1: Mine01 is broken #22 http://127.0.0.1:22208/a/rjwh4ExC8DX',1,'page',0,'delivered',1,0,NULL,NULL,1796033451196423,'',NULL,100022,1796033451066005,1796033451196423,1796033451203765,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572126800341,'5gglmx33y08x5l1x','alice','ops','+33612345678','CRITICAL Mine02 db-1: Mine02 is broken #23 http://127.0.0.1:22208/a/W7JqQ6SjxF6',1,'page',0,'delivered',1,0,NULL,NULL,1796033451201806,'',NULL,100024,1796033451066005,1796033451201806,1796033451213176,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572126800342,'5gglmx33y08x5l1y','alice','ops','+33612345678','CRITICAL Mine03 db-1: Mine03 is broken #24 http://127.0.0.1:22208/a/3bUMXSbAWXU',1,'page',0,'delivered',1,0,NULL,NULL,1796033451201806,'',NULL,100025,1796033451066005,1796033451201806,1796033451215153,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572126800343,'5gglmx33y08x5l1z','alice','ops','+33612345678','CRITICAL Mine04 db-1: Mine04 is broken #25 http://127.0.0.1:22208/a/HKJNibpyEEN',1,'page',0,'delivered',1,0,NULL,NULL,1796033451201806,'',NULL,100023,1796033451066005,1796033451201806,1796033451212889,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572136173730,'5gglmx33y09647tu','alice','ops','+33612345678','CRITICAL Mine05 db-1: Mine05 is broken #26 http://127.0.0.1:22208/a/jMLCJmcpVqa',1,'page',0,'delivered',1,0,NULL,NULL,1796033451210696,'',NULL,100026,1796033451066005,1796033451210696,1796033451230502,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572136173731,'5gglmx33y09647tv','alice','ops','+33612345678','CRITICAL Mine06 db-1: Mine06 is broken #27 http://127.0.0.1:22208/a/HK3pYVUnfAU',1,'page',0,'delivered',1,0,NULL,NULL,1796033451210696,'',NULL,100027,1796033451066005,1796033451210696,1796033451237476,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572136189406,'5gglmx33y0964jxa','alice','ops','+33612345678','CRITICAL Mine07 db-1: Mine07 is broken #28 http://127.0.0.1:22208/a/JbArYCzw6xz',1,'page',0,'delivered',1,0,NULL,NULL,1796033451210696,'',NULL,100029,1796033451066005,1796033451210696,1796033451241218,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572136189407,'5gglmx33y0964jxb','alice','ops','+33612345678','CRITICAL Mine08 db-1: Mine08 is broken #29 http://127.0.0.1:22208/a/BjwhcW3BWK9',1,'page',0,'delivered',1,0,NULL,NULL,1796033451210696,'',NULL,100028,1796033451066005,1796033451210696,1796033451229422,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572163391121,'5gglmx33y09w38nl','alice','ops','+33612345678','CRITICAL Mine09 db-1: Mine09 is broken #30 http://127.0.0.1:22208/a/wHmPXmq6mJS',1,'page',0,'delivered',1,0,NULL,NULL,1796033451236689,'',NULL,100030,1796033451066005,1796033451236689,1796033451244204,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572163391122,'5gglmx33y09w38nm','alice','ops','+33612345678','CRITICAL Mine10 db-1: Mine10 is broken #31 http://127.0.0.1:22208/a/5dh6KVJxjxw',1,'page',0,'delivered',1,0,NULL,NULL,1796033451236689,'',NULL,100032,1796033451066005,1796033451236689,1796033451247322,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572163391123,'5gglmx33y09w38nn','alice','ops','+33612345678','CRITICAL Mine11 db-1: Mine11 is broken #32 http://127.0.0.1:22208/a/giYDT9JsCUh',1,'page',0,'delivered',1,0,NULL,NULL,1796033451236689,'',NULL,100031,1796033451066005,1796033451236689,1796033451246493,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572169642913,'5gglmx33y0a22e1t','alice','ops','+33612345678','CRITICAL Mine12 db-1: Mine12 is broken #33 http://127.0.0.1:22208/a/GcYbkiDcv6u',1,'page',0,'delivered',1,0,NULL,NULL,1796033451242822,'',NULL,100033,1796033451066005,1796033451242822,1796033451251426,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572169786871,'5gglmx33y0a25h4n','alice','ops','+33612345678','CRITICAL Mine13 db-1: Mine13 is broken #34 http://127.0.0.1:22208/a/uiwVnb4q8aN',1,'page',0,'delivered',1,0,NULL,NULL,1796033451242822,'',NULL,100035,1796033451066005,1796033451242822,1796033451255421,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277572169786872,'5gglmx33y0a25h4o','alice','ops','+33612345678','CRITICAL Mine14 db-1: Mine14 is broken #35 http://127.0.0.1:22208/a/bGdwbfBWSgt',1,'page',0,'delivered',1,0,NULL,NULL,1796033451242822,'',NULL,100034,1796033451066005,1796033451242822,1796033451255149,1.0,'','first',NULL,0,NULL,NULL,1,1,4,1796033452000000);
INSERT INTO "messages" VALUES(1883277582782423373,'5gglmx33y8375g7h','alice','ops','+33612345678','CRITICAL Wait00 db-1: Wait00 is broken #36 http://127.0.0.1:22208/a/6v9t944ExCT',1,'page',0,'queued',1,0,NULL,NULL,1796033461372447,'',NULL,NULL,1796033461358231,1796033461363801,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.6b0d4bb5.64)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(1883277582782423374,'5gglmx33y8375g7i','alice','ops','+33612345678','CRITICAL Wait01 db-1: Wait01 is broken #37 http://127.0.0.1:22208/a/7aSyJHKeshu',1,'page',0,'queued',1,0,NULL,NULL,1796033461379406,'',NULL,NULL,1796033461358231,1796033461363801,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.6b0d4bb5.66)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(1883277582782426934,'5gglmx33y8375iye','alice','ops','+33612345678','CRITICAL Wait02 db-1: Wait02 is broken #38 http://127.0.0.1:22208/a/LjwGhgeCErM',1,'page',0,'queued',1,0,NULL,NULL,1796033461376503,'',NULL,NULL,1796033461358231,1796033461363801,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.6b0d4bb5.65)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "messages" VALUES(1883277582782426935,'5gglmx33y8375iyf','alice','ops','+33612345678','CRITICAL Wait03 db-1: Wait03 is broken #39 http://127.0.0.1:22208/a/Ke94nHua5SA',1,'page',0,'queued',1,0,NULL,NULL,1796033461380059,'',NULL,NULL,1796033461358231,1796033461363801,NULL,NULL,'send: 403 NOT_ENOUGH_CREDITS: Not enough credits (query SANDBOX.6b0d4bb5.67)','first',NULL,0,NULL,NULL,0,NULL,NULL,NULL);
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
INSERT INTO "pages" VALUES(1,1,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572004917733,0,0,'');
INSERT INTO "pages" VALUES(2,2,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572005097446,0,0,'');
INSERT INTO "pages" VALUES(3,3,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572005097447,0,0,'');
INSERT INTO "pages" VALUES(4,4,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572005097448,0,0,'');
INSERT INTO "pages" VALUES(5,5,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572052212254,0,0,'');
INSERT INTO "pages" VALUES(6,6,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572052323677,0,0,'');
INSERT INTO "pages" VALUES(7,7,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572052323678,0,0,'');
INSERT INTO "pages" VALUES(8,8,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572057496863,0,0,'');
INSERT INTO "pages" VALUES(9,9,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572065928179,0,0,'');
INSERT INTO "pages" VALUES(10,10,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572065928180,0,0,'');
INSERT INTO "pages" VALUES(11,11,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572065928181,0,0,'');
INSERT INTO "pages" VALUES(12,12,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572078438630,0,0,'');
INSERT INTO "pages" VALUES(13,13,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572078443681,0,0,'');
INSERT INTO "pages" VALUES(14,14,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572083640788,0,0,'');
INSERT INTO "pages" VALUES(15,15,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572083728190,0,0,'');
INSERT INTO "pages" VALUES(16,16,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572097199386,0,0,'');
INSERT INTO "pages" VALUES(17,17,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572097429815,0,0,'');
INSERT INTO "pages" VALUES(18,18,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572107750967,0,0,'');
INSERT INTO "pages" VALUES(19,19,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572107750968,0,0,'');
INSERT INTO "pages" VALUES(20,20,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572107815462,0,0,'');
INSERT INTO "pages" VALUES(21,21,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572107829716,0,0,'');
INSERT INTO "pages" VALUES(22,22,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572121437390,0,0,'');
INSERT INTO "pages" VALUES(23,23,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572126800341,0,0,'');
INSERT INTO "pages" VALUES(24,24,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572126800342,0,0,'');
INSERT INTO "pages" VALUES(25,25,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572126800343,0,0,'');
INSERT INTO "pages" VALUES(26,26,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572136173730,0,0,'');
INSERT INTO "pages" VALUES(27,27,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572136173731,0,0,'');
INSERT INTO "pages" VALUES(28,28,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572136189406,0,0,'');
INSERT INTO "pages" VALUES(29,29,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572136189407,0,0,'');
INSERT INTO "pages" VALUES(30,30,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572163391121,0,0,'');
INSERT INTO "pages" VALUES(31,31,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572163391122,0,0,'');
INSERT INTO "pages" VALUES(32,32,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572163391123,0,0,'');
INSERT INTO "pages" VALUES(33,33,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572169642913,0,0,'');
INSERT INTO "pages" VALUES(34,34,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572169786871,0,0,'');
INSERT INTO "pages" VALUES(35,35,'alice','ops','page',0,1796033451066005,1796033451066005,'claimed',0,0,0,0,NULL,1883277572169786872,0,0,'');
INSERT INTO "pages" VALUES(36,36,'alice','ops','page',0,1796033461358231,1796033461358231,'claimed',0,0,0,0,NULL,1883277582782423373,0,0,'');
INSERT INTO "pages" VALUES(37,37,'alice','ops','page',0,1796033461358231,1796033461358231,'claimed',0,0,0,0,NULL,1883277582782423374,0,0,'');
INSERT INTO "pages" VALUES(38,38,'alice','ops','page',0,1796033461358231,1796033461358231,'claimed',0,0,0,0,NULL,1883277582782426934,0,0,'');
INSERT INTO "pages" VALUES(39,39,'alice','ops','page',0,1796033461358231,1796033461358231,'claimed',0,0,0,0,NULL,1883277582782426935,0,0,'');
INSERT INTO "pages" VALUES(40,40,'alice','ops','page',0,1796033461358231,1796033461358231,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(41,41,'alice','ops','page',0,1796033461358231,1796033461358231,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(42,42,'alice','ops','page',0,1796033461358231,1796033461358231,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(43,43,'alice','ops','page',0,1796033461358231,1796033461358231,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(44,44,'alice','ops','page',0,1796033461358231,1796033461358231,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(45,45,'alice','ops','page',0,1796033461358231,1796033461358231,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(46,46,'alice','ops','page',0,1796033461358231,1796033461358231,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(47,47,'alice','ops','page',0,1796033461358231,1796033461358231,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(48,48,'alice','ops','page',0,1796033461358231,1796033461358231,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(49,49,'alice','ops','page',0,1796033461358231,1796033461358231,'queued',0,0,0,0,NULL,NULL,0,0,'');
INSERT INTO "pages" VALUES(50,50,'alice','ops','page',0,1796033461358231,1796033461358231,'queued',0,0,0,0,NULL,NULL,0,0,'');
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
	error TEXT NOT NULL, took TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT posts_once UNIQUE (target, incident_id, kind, episode, nth)
);
CREATE TABLE "tokens" (
	token VARCHAR(16) NOT NULL, 
	person TEXT NOT NULL, 
	incident_id INTEGER, 
	digest INTEGER, 
	number TEXT, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (token)
);
INSERT INTO "tokens" VALUES('W5RRckYwf64','alice',1,NULL,NULL,1796033451085064);
INSERT INTO "tokens" VALUES('EbGfWDSaaTf','alice',2,NULL,NULL,1796033451085064);
INSERT INTO "tokens" VALUES('eeAjb3L7gkG','alice',3,NULL,NULL,1796033451085064);
INSERT INTO "tokens" VALUES('GJ4nu9qzufd','alice',4,NULL,NULL,1796033451085064);
INSERT INTO "tokens" VALUES('G9gNsvFNz7v','alice',5,NULL,NULL,1796033451130698);
INSERT INTO "tokens" VALUES('BVrAV7invU5','alice',6,NULL,NULL,1796033451130698);
INSERT INTO "tokens" VALUES('e4PCnsnH9jY','alice',7,NULL,NULL,1796033451130698);
INSERT INTO "tokens" VALUES('Hz8i449ajPx','alice',8,NULL,NULL,1796033451135027);
INSERT INTO "tokens" VALUES('8wQP8vrtveA','alice',9,NULL,NULL,1796033451143675);
INSERT INTO "tokens" VALUES('3HtsAzgkhBB','alice',10,NULL,NULL,1796033451143675);
INSERT INTO "tokens" VALUES('sy65NLbvbyt','alice',11,NULL,NULL,1796033451143675);
INSERT INTO "tokens" VALUES('4BxpH9AitsB','alice',12,NULL,NULL,1796033451155759);
INSERT INTO "tokens" VALUES('NftuiknCQq3','alice',13,NULL,NULL,1796033451155759);
INSERT INTO "tokens" VALUES('eaTBvnzMuAm','alice',14,NULL,NULL,1796033451160458);
INSERT INTO "tokens" VALUES('9bi78jbsrjw','alice',15,NULL,NULL,1796033451160458);
INSERT INTO "tokens" VALUES('U9yXDbxHfxk','alice',16,NULL,NULL,1796033451173977);
INSERT INTO "tokens" VALUES('NytDNRQwSi9','alice',17,NULL,NULL,1796033451173977);
INSERT INTO "tokens" VALUES('8iDRJ44L98m','alice',18,NULL,NULL,1796033451183331);
INSERT INTO "tokens" VALUES('VYTuUGQmLCn','alice',19,NULL,NULL,1796033451183331);
INSERT INTO "tokens" VALUES('fFpJWwj3RNF','alice',20,NULL,NULL,1796033451183331);
INSERT INTO "tokens" VALUES('fvYSaDCct7R','alice',21,NULL,NULL,1796033451183331);
INSERT INTO "tokens" VALUES('rjwh4ExC8DX','alice',22,NULL,NULL,1796033451196423);
INSERT INTO "tokens" VALUES('W7JqQ6SjxF6','alice',23,NULL,NULL,1796033451201806);
INSERT INTO "tokens" VALUES('3bUMXSbAWXU','alice',24,NULL,NULL,1796033451201806);
INSERT INTO "tokens" VALUES('HKJNibpyEEN','alice',25,NULL,NULL,1796033451201806);
INSERT INTO "tokens" VALUES('jMLCJmcpVqa','alice',26,NULL,NULL,1796033451210696);
INSERT INTO "tokens" VALUES('HK3pYVUnfAU','alice',27,NULL,NULL,1796033451210696);
INSERT INTO "tokens" VALUES('JbArYCzw6xz','alice',28,NULL,NULL,1796033451210696);
INSERT INTO "tokens" VALUES('BjwhcW3BWK9','alice',29,NULL,NULL,1796033451210696);
INSERT INTO "tokens" VALUES('wHmPXmq6mJS','alice',30,NULL,NULL,1796033451236689);
INSERT INTO "tokens" VALUES('5dh6KVJxjxw','alice',31,NULL,NULL,1796033451236689);
INSERT INTO "tokens" VALUES('giYDT9JsCUh','alice',32,NULL,NULL,1796033451236689);
INSERT INTO "tokens" VALUES('GcYbkiDcv6u','alice',33,NULL,NULL,1796033451242822);
INSERT INTO "tokens" VALUES('uiwVnb4q8aN','alice',34,NULL,NULL,1796033451242822);
INSERT INTO "tokens" VALUES('bGdwbfBWSgt','alice',35,NULL,NULL,1796033451242822);
INSERT INTO "tokens" VALUES('6v9t944ExCT','alice',36,NULL,NULL,1796033461363801);
INSERT INTO "tokens" VALUES('7aSyJHKeshu','alice',37,NULL,NULL,1796033461363801);
INSERT INTO "tokens" VALUES('LjwGhgeCErM','alice',38,NULL,NULL,1796033461363801);
INSERT INTO "tokens" VALUES('Ke94nHua5SA','alice',39,NULL,NULL,1796033461363801);
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
CREATE INDEX pauses_ends ON pauses (ends_at);
CREATE INDEX tokens_created ON tokens (created_at);
CREATE INDEX tokens_incident ON tokens (incident_id) WHERE incident_id IS NOT NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('incidents',50);
INSERT INTO "sqlite_sequence" VALUES('pages',50);
COMMIT;
