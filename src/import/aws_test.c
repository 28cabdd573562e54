#include "import/aws.h"

#include "import/import_rig.h"
#include "import/remark.h"

static struct aws aws;
static struct import_remarks remarks;

static void add(enum aws_kind kind, const char *id_key, const char *text)
{
    struct document document;
    CHECK(document_read(&document, "a.json", (struct slice){(const uint8_t *)text, strlen(text)},
                        &remarks));
    struct item root = item_root(&document);
    aws.remarks = &remarks;
    aws_add(&aws, kind, &root, id_key, 0);
    document_done(&document);
}

static void done(void)
{
    aws_done(&aws);
    remarks_done(&remarks);
}

static void things_are_found_by_id(void)
{
    add(AWS_VPC, "VpcId",
        "{\"VpcId\": \"vpc-b\", \"Tags\": [{\"Key\": \"Name\", \"Value\": \"B\"}]}");
    add(AWS_VPC, "VpcId", "{\"VpcId\": \"vpc-a\"}");
    add(AWS_SUBNET, "SubnetId", "{\"SubnetId\": \"subnet-a\"}");
    aws_settle(&aws);
    CHECK_TEXT(aws_find(&aws, AWS_VPC, "vpc-b")->name, "B");
    CHECK(!aws_find(&aws, AWS_VPC, "vpc-a")->name);
    CHECK(!aws_find(&aws, AWS_SUBNET, "vpc-a") && !aws_find(&aws, AWS_VPC, NULL));
    CHECK(!aws_find(&aws, AWS_VPC, "vpc-c"));
    CHECK(aws_has(&aws, "subnet-a") && !aws_has(&aws, "subnet"));
    CHECK_EQUAL((int64_t)aws_count(&aws, AWS_VPC), 2);
    done();
}

static void told_twice_alike_is_one(void)
{
    add(AWS_VPC, "VpcId", "{\"VpcId\": \"vpc-a\", \"CidrBlock\": \"10.0.0.0/8\"}");
    add(AWS_VPC, "VpcId", "{\"CidrBlock\": \"10.0.0.0/8\", \"VpcId\": \"vpc-a\"}");
    aws_settle(&aws);
    CHECK(aws_at(&aws, AWS_VPC, 1)->dropped && !aws_at(&aws, AWS_VPC, 0)->dropped);
    CHECK_EQUAL((int64_t)remarks.count, 0);
    done();
}

static void told_twice_otherwise_is_told(void)
{
    add(AWS_VPC, "VpcId", "{\"VpcId\": \"x-a\", \"CidrBlock\": \"10.0.0.0/8\"}");
    add(AWS_VPC, "VpcId", "{\"VpcId\": \"x-a\", \"CidrBlock\": \"11.0.0.0/8\"}");
    add(AWS_SUBNET, "SubnetId", "{\"SubnetId\": \"x-a\"}");
    aws_settle(&aws);
    aws_settle(&aws); /* says nothing again */
    CHECK_EQUAL((int64_t)remarks.count, 2);
    CHECK_TEXT(remarks.items[0].text,
               "x-a is told twice and not alike; what a.json:1 says is taken");
    CHECK(strstr(remarks.items[1].text, "x-a is one of Subnets and, in a.json:1, one of Vpcs"));
    CHECK(!aws_find(&aws, AWS_SUBNET, "x-a"));
    done();
}

static void a_thing_without_id_is_told(void)
{
    add(AWS_VPC, "VpcId", "{\"CidrBlock\": \"10.0.0.0/8\"}");
    add(AWS_VPC, "VpcId", "{\"VpcId\": 9}");
    CHECK_EQUAL((int64_t)aws_count(&aws, AWS_VPC), 0);
    CHECK_TEXT(remarks.items[0].text, "one of Vpcs has no VpcId; it is left out");
    CHECK_TEXT(remarks.items[1].text, "VpcId is 9; expected an id such as vpc-0a1b2c3d");
    done();
}

static void lists_of_the_store_grow(void)
{
    struct aws_prefixes prefixes = {0};
    const char **texts = NULL;
    size_t count = 0, cap = 0;
    for (uint32_t i = 0; i < 50; i++) {
        prefixes_add(&aws, &prefixes, (struct prefix){i << 8, 24});
        prefixes_add(&aws, &prefixes, (struct prefix){i << 8, 24});
        texts_add(&aws, &texts, &count, &cap, "x");
    }
    CHECK_EQUAL((int64_t)prefixes.count, 50);
    CHECK_EQUAL(prefixes.items[49].addr, 49 << 8);
    CHECK_EQUAL((int64_t)count, 50);
    CHECK_TEXT(texts[49], "x");
    done();
}

int main(void)
{
    TEST(things_are_found_by_id);
    TEST(told_twice_alike_is_one);
    TEST(told_twice_otherwise_is_told);
    TEST(a_thing_without_id_is_told);
    TEST(lists_of_the_store_grow);
    return harness_done();
}
